"""What every stored or sent model has in common."""

from pydantic import BaseModel, ConfigDict


class Record(BaseModel):
    """A frozen model that refuses fields it does not know.

    What checks its fields is built when a first one is read or written, not when it is imported: a function knows some
    250 models, and meets a dozen.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)
