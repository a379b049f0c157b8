"""Immutable, content-addressed documents that a case refers to instead of holding them."""

from functools import cache
from typing import Any, Generic, TypeVar

from pydantic import GetCoreSchemaHandler, ValidationInfo
from pydantic_core import CoreSchema, core_schema

from schemas.ids import FactId, name_of
from schemas.record import Record

T = TypeVar("T", bound=Record)


class Fact(Generic[T]):
    """A reference to a fact document: stored as its id alone, read with its content.

    Two references are equal when their ids are, because the id is the hash of the content.
    """

    __slots__ = ("_document", "id")

    def __init__(self, fact_id: FactId, document: T | None = None) -> None:
        self.id = fact_id
        self._document = document

    @property
    def document(self) -> T:
        """The content.

        Raises:
            LookupError: The document was not loaded before the case was decided.
        """
        if self._document is None:
            raise LookupError(f"fact [{self.id}] is not loaded")
        return self._document

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Fact) and other.id == self.id

    def __hash__(self) -> int:
        return hash(self.id)

    def __repr__(self) -> str:
        return f"Fact({self.id!r})"

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, _handler: GetCoreSchemaHandler) -> CoreSchema:
        (model,) = source.__args__

        def read(value: Any, info: ValidationInfo) -> "Fact[T]":
            if isinstance(value, Fact):
                return value
            if not isinstance(value, str):
                raise ValueError("a fact is stored as its id")  # noqa: TRY004  pydantic reports ValueError
            loaded = (info.context or {}).get(value)
            return Fact(FactId(value), None if loaded is None else document_of(model, value, loaded))

        return core_schema.with_info_plain_validator_function(
            read, serialization=core_schema.plain_serializer_function_ser_schema(lambda fact: fact.id)
        )


_read_last: dict[str, tuple[Any, Record]] = {}
_READ_MAX = 8


def document_of(model: type[T], fact_id: str, loaded: Any) -> T:
    """Give a document, read once for as long as a store gives the very same content: a large ranking takes a while.

    Raises:
        ValueError: The document is not what its id says.
    """
    content, known = _read_last.get(fact_id, (None, None))
    if content is loaded and isinstance(known, model):
        return known
    document = model.model_validate(loaded)
    if fact_id_of(document) != fact_id:
        raise ValueError("the document is not what its id says")
    if len(_read_last) >= _READ_MAX:
        _read_last.clear()
    _read_last[fact_id] = (loaded, document)
    return document


def fact_id_of(document: Record) -> FactId:
    """Give the id of a document: the hash of its content."""
    return FactId(name_of(type(document).__name__, document.model_dump_json()))


@cache
def fact_fields(model: type[Record]) -> tuple[str, ...]:
    """The names of the model's fields that refer to fact documents."""
    return tuple(name for name, field in model.model_fields.items() if "schemas.facts.Fact[" in str(field.annotation))
