"""A recruitment round, from planning to the last seat.  It owns the seats; nothing else does."""

from schemas.events.application import NotSelected, OfferMade, RoundMerged, WaitlistClosed, WaitlistPlaced
from schemas.events.engine import CalendarMoved
from schemas.events.round import (
    ExtensionProposed,
    RankingFrozen,
    ResultsContinued,
    ReviewersNamed,
    RoundPlanned,
    SupplementProposed,
)
from schemas.events.seats import (
    ListOutdated,
    OfferLengthened,
    SeatAdded,
    SeatClaimed,
    SeatReturned,
    SeatsMoved,
    SeatTaken,
)
from schemas.notices.round import OfferUnanswered, RankingDue, ResultsPublished, RoundFilled, RoundOpened, SeatsUnfilled
from schemas.roles import CITY, LEAD, OPERATOR, PARTNERS, UNIVERSITY
from schemas.round import Round, Stage
from workflows.definitions.calendar import (
    applications_close,
    applications_open,
    follows_calendar,
    promotion_ends,
    results_at,
)
from workflows.definitions.reopening import (
    extends_nothing,
    hand_over,
    has_no_seat_to_give,
    its_proposal,
    keeps_its_dates,
    note_supplement,
    pass_on_seat,
    take_dates,
    take_extension,
    take_proposal,
    the_gainer,
    the_proposer,
    the_supplement,
    those_merged,
)
from workflows.definitions.seats import (
    add_seat,
    first_silence,
    gain_seats,
    grant_claim,
    hand_on_seat,
    is_ranked,
    its_list,
    itself_if_more,
    leaves_seats_empty,
    note_approvers,
    note_left,
    note_longer_offer,
    note_outdated,
    open_offers,
    ranks_another_round,
    selects_too_few,
    take_pool,
    take_ranking,
    take_seat,
    the_ranker,
    those_offered,
    those_still_waiting,
    those_waiting,
    those_without_a_seat,
    turn_page,
)
from workflows.engine.notation import ask, at, entry, final, notify, on, send, state, workflow

offers_seats = send(OfferMade, to=those_offered)
tells_results = (
    send(WaitlistPlaced, to=those_waiting),
    send(NotSelected, to=those_without_a_seat),
    send(ResultsContinued, to=itself_if_more),
)
takes_ranking = (
    on(RankingFrozen, when=ranks_another_round),
    on(RankingFrozen, keep=take_ranking, to=Stage.DECIDED),
)
keeps_seats = (
    on(SeatTaken, keep=take_seat),
    on(OfferLengthened, keep=note_longer_offer),
    on(SeatClaimed, keep=grant_claim, do=[offers_seats]),
    on(SeatAdded, keep=add_seat, do=[offers_seats]),
    on(SeatsMoved, keep=gain_seats, do=[offers_seats]),
    on(ResultsContinued, keep=turn_page, do=tells_results),
    at(first_silence, do=[notify(OPERATOR, OfferUnanswered)]),
    at(promotion_ends, to=Stage.FILLED),
)
hands_on_seats = (
    on(
        SeatReturned,
        when=leaves_seats_empty,
        keep=hand_on_seat,
        do=[offers_seats, notify(OPERATOR, SeatsUnfilled)],
    ),
    on(SeatReturned, keep=hand_on_seat, do=[offers_seats]),
)

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
            on(ExtensionProposed, when=extends_nothing),
            on(ExtensionProposed, keep=take_proposal, to=Stage.EXTENSION_PROPOSED),
            on(ReviewersNamed, keep=take_pool, to=Stage.SCREENING),
            *takes_ranking,
            at(results_at, days=-1, do=[notify(OPERATOR, RankingDue)]),
        ),
        Stage.EXTENSION_PROPOSED: state(
            ask(
                (LEAD, CITY),
                "May applications be open until the date that is proposed?",
                about=its_proposal,
                not_by=the_proposer,
                yes=Stage.OPEN,
                no=Stage.CLOSED,
                keep=take_extension,
                due_business_days=2,
                escalate_to=UNIVERSITY,
            ),
        ),
        Stage.SCREENING: state(
            on(ReviewersNamed, keep=take_pool),
            *takes_ranking,
            at(results_at, days=-1, do=[notify(OPERATOR, RankingDue)]),
        ),
        Stage.DECIDED: state(
            ask(
                (OPERATOR, UNIVERSITY, CITY),
                "Is this ranking right, and may the results be published?",
                in_order=True,
                about=its_list,
                not_by=the_ranker,
                keep=note_approvers,
                yes=Stage.APPROVED,
                no=Stage.SCREENING,
                due_business_days=2,
                escalate_to=LEAD,
            ),
            on(RankingFrozen, when=ranks_another_round),
            on(RankingFrozen, keep=take_ranking),
            on(ListOutdated, keep=note_outdated),
        ),
        Stage.APPROVED: state(
            on(RankingFrozen, when=ranks_another_round),
            on(RankingFrozen, keep=take_ranking, to=Stage.DECIDED),
            on(ListOutdated, keep=note_outdated, to=Stage.DECIDED),
            on(SeatsMoved, keep=gain_seats, to=Stage.DECIDED),
            on(SeatReturned, when=is_ranked, keep=note_left, to=Stage.DECIDED),
            on(SeatReturned, keep=note_left),
            at(
                results_at,
                when=selects_too_few,
                keep=open_offers,
                do=[offers_seats, *tells_results, notify(PARTNERS, ResultsPublished), notify(OPERATOR, SeatsUnfilled)],
                to=Stage.PUBLISHED,
            ),
            at(
                results_at,
                keep=open_offers,
                do=[offers_seats, *tells_results, notify(PARTNERS, ResultsPublished)],
                to=Stage.PUBLISHED,
            ),
        ),
        Stage.PUBLISHED: state(
            *keeps_seats,
            *hands_on_seats,
            on(SupplementProposed, when=has_no_seat_to_give),
            on(SupplementProposed, keep=note_supplement, to=Stage.SUPPLEMENT_PROPOSED),
        ),
        Stage.SUPPLEMENT_PROPOSED: state(
            *keeps_seats,
            *hands_on_seats,
            ask(
                (LEAD, CITY),
                "May the free seats go to the supplementary round that is proposed?",
                about=its_proposal,
                not_by=the_proposer,
                yes=Stage.SUPPLEMENTED,
                no=Stage.PUBLISHED,
                keep=hand_over,
                due_business_days=2,
                escalate_to=UNIVERSITY,
            ),
        ),
        Stage.SUPPLEMENTED: state(
            entry(send(RoundPlanned, to=the_supplement), send(RoundMerged, to=those_merged)),
            *keeps_seats,
            on(SeatReturned, keep=pass_on_seat, do=[offers_seats, send(SeatsMoved, to=the_gainer)]),
        ),
        Stage.FILLED: final(
            send(WaitlistClosed, to=those_still_waiting),
            notify(PARTNERS, RoundFilled),
            on(SeatTaken, keep=take_seat),
            on(SeatReturned, keep=note_left),
            *follows_calendar(Round),
        ),
    },
    throughout=[
        on(SeatReturned, keep=note_left),
        on(SeatsMoved, keep=gain_seats),
        # Nothing that refers to a document is kept for later: it would be read with every message until then.
        on(RankingFrozen),
        on(ReviewersNamed),
        on(ListOutdated),
        on(CalendarMoved, when=keeps_its_dates, keep=take_dates),
        on(CalendarMoved),
    ],
)
