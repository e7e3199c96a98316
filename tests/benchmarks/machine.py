"""Which machine, and which versions, a figure belongs to."""

import os
import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import jax

PACKAGES = ("jax", "jaxlib", "numpy", "llvmlite", "heyoka")


def name() -> str:
    """One line that tells machines apart: processor, cores, and the accelerator if JAX runs on one."""
    device = jax.devices()[0]
    host = f"{_processor()}, {os.cpu_count()} cores"
    return host if device.platform == "cpu" else f"{device.device_kind}, on a host with {host}"


def details() -> dict[str, str]:
    """The platform of JAX and the versions of what is measured."""
    system = f"{platform.system()} {platform.machine()}, Python {platform.python_version()}"
    return {"platform": jax.default_backend(), "system": system} | {p: _version(p) for p in PACKAGES}


def _processor() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text().splitlines() if cpuinfo.exists() else []
    named = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return named[0] if named else platform.processor() or platform.machine()


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"
