"""What every stored or sent model has in common."""

from pydantic import BaseModel, ConfigDict


class Record(BaseModel):
    """A frozen model that refuses fields it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid")
