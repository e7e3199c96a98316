"""Prefect flows: one a product, each a sentence over the tasks."""
