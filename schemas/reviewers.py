"""Who reads applications."""

from pydantic import Field

from schemas.record import Record


class Reviewer(Record):
    """One reviewer, by what conflicts of interest are detected from.

    Attributes:
        id: The staff account.
        university: Where the reviewer works, if it is a university.
        department: The department there.
        email_domain: The domain of the reviewer's mail address.
        related: Applications or persons that the reviewer declared a relation to, by id.
        load_max: How many applications at most; 0: no limit.
    """

    id: str = Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")
    university: str = ""
    department: str = ""
    email_domain: str = ""
    related: tuple[str, ...] = ()
    load_max: int = Field(default=0, ge=0)


class ReviewerPool(Record):
    """The reviewers of a round: immutable, named by the hash of its content."""

    reviewers: tuple[Reviewer, ...] = Field(min_length=1)
