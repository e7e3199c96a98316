"""What every part of a spec is: frozen, and without fields that nobody knows."""

from pydantic import BaseModel, ConfigDict

# What is hashed must be a whole number that every reader of JSON has exactly.
GREATEST = 2**53


class Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
