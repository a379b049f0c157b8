"""A recruitment round, from planning to the last seat.  It owns the seats; nothing else does."""

from schemas.events import (
    NotSelected,
    OfferMade,
    RankingFrozen,
    RoundPlanned,
    SeatClaimed,
    SeatReturned,
    SeatTaken,
    WaitlistClosed,
    WaitlistPlaced,
)
from schemas.notices import OfferUnanswered, RankingDue, ResultsPublished, RoundFilled, RoundOpened
from schemas.roles import CITY, LEAD, OPERATOR, PARTNERS, UNIVERSITY
from schemas.round import Round, Stage
from workflows.definitions.calendar import (
    applications_close,
    applications_open,
    follows_calendar,
    promotion_ends,
    results_at,
)
from workflows.definitions.seats import (
    first_silence,
    grant_claim,
    hand_on_seat,
    its_ranking,
    note_left,
    open_offers,
    ranks_another_round,
    take_ranking,
    take_seat,
    those_offered,
    those_still_waiting,
    those_waiting,
    those_without_a_seat,
)
from workflows.engine.notation import ask, at, entry, final, notify, on, send, state, workflow

ROUND = workflow(
    "round",
    version=1,
    subject=Round,
    opens=[on(RoundPlanned, to=Stage.PLANNED)],
    states={
        Stage.PLANNED: state(
            at(applications_open, to=Stage.OPEN),
        ),
        Stage.OPEN: state(
            entry(notify(PARTNERS, RoundOpened)),
            at(applications_close, to=Stage.CLOSED),
        ),
        Stage.CLOSED: state(
            entry(notify(OPERATOR, RankingDue)),
            on(RankingFrozen, when=ranks_another_round),
            on(RankingFrozen, keep=take_ranking, to=Stage.RANKED),
            at(results_at, days=-1, do=[notify(OPERATOR, RankingDue)]),
        ),
        Stage.RANKED: state(
            ask(
                (OPERATOR, UNIVERSITY, CITY),
                "Is this ranking right, and may the results be published?",
                in_order=True,
                about=its_ranking,
                yes=Stage.APPROVED,
                no=Stage.CLOSED,
                due_business_days=2,
                escalate_to=LEAD,
            ),
            on(RankingFrozen, when=ranks_another_round),
            on(RankingFrozen, keep=take_ranking),
        ),
        Stage.APPROVED: state(
            at(results_at, keep=open_offers, to=Stage.PUBLISHED),
        ),
        Stage.PUBLISHED: state(
            entry(
                send(OfferMade, to=those_offered),
                send(WaitlistPlaced, to=those_waiting),
                send(NotSelected, to=those_without_a_seat),
                notify(PARTNERS, ResultsPublished),
            ),
            on(SeatTaken, keep=take_seat),
            on(SeatReturned, keep=hand_on_seat, do=[send(OfferMade, to=those_offered)]),
            on(SeatClaimed, keep=grant_claim, do=[send(OfferMade, to=those_offered)]),
            at(first_silence, do=[notify(OPERATOR, OfferUnanswered)]),
            at(promotion_ends, to=Stage.FILLED),
        ),
        Stage.FILLED: final(
            send(WaitlistClosed, to=those_still_waiting),
            notify(PARTNERS, RoundFilled),
            on(SeatTaken, keep=take_seat),
            on(SeatReturned, keep=note_left),
        ),
    },
    throughout=[on(SeatReturned, keep=note_left), *follows_calendar(Round)],
)
