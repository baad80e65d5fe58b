"""What happens in a programme, in words: sentences of a journey and meanings of events."""

from __future__ import annotations

from typing import Final

from sim.support.programme import Programme
from sim.support.programmes import PROGRAMMES
from sim.support.sessions import HELD

_ROUTES: Final = {
    "jobcentre": "The Jobcentre offers {{object}} {title}.",
    "mental_health_team": "{{Her}} mental health team offers {{object}} {title}.",
    "gp": "The GP offers {{object}} {title}.",
    "community": "A community or health service offers {{object}} {title}.",
    "conversation": "The work and health conversation ends with an offer of {title}.",
    "decision": "With the decision, {{she}} is offered {title}.",
    "call": "{{She}} is called and offered {title}.",
    "therapist": "{{She}} is offered {title}.",
    "employer": "{{Her}} employer brings in {title}.",
    "self": "{{She}} asks for {title}.",
}
_NOT_STARTED: Final = {
    "declined": "{{She}} does not take it up.",
    "gave_up": "{{She}} gives up waiting for {title}.",
    "not_eligible": "{{Her}} turn for {title} comes, but {{she}} is no longer eligible.",
    "transferred": "{{She}} leaves the line for {title} for another programme.",
    "left_population": "{{She}} is no longer waiting for {title}.",
}
_START: Final = {
    "in_work": "{title} starts, with a job to keep.",
    "out_of_work": "{title} starts, out of work.",
}
_EFFECT: Final = {
    "begins": "{title} begins to help.",
    "fades": "What {title} did begins to fade.",
    "over": "What {title} did is over.",
}
_END: Final = {
    "completed": "{title} ends as planned.",
    "dropped_out": "{{She}} drops out of {title}.",
    "left_population": "{title} ends with {{her}} working age.",
}
_SESSIONS: Final = {
    "restart": "{She} meets {her} Restart adviser.",
    "ips_severe": "{She} meets {her} employment specialist in the mental health team.",
    "ips_primary_care": "{She} meets {her} employment specialist at the practice.",
    "universal_support": "{She} meets {her} Universal Support keyworker.",
    "connect_to_work": "{She} meets {her} Connect to Work keyworker.",
    "pathways_to_work": "{She} meets {her} Pathways to Work adviser.",
    "work_coach_support": "{She} has additional time with {her} work coach.",
    "disability_adviser": "{She} meets the Disability Employment Adviser.",
    "employment_adviser": "{She} has a session of therapy, and employment advice.",
    "talking_therapies": "{She} has a session of talking therapy.",
    "access_to_work": "Access to Work pays the costs of help at work.",
    "mental_health_support": "{She} talks to {her} adviser at the Mental Health Support Service.",
    "occupational_health": "{She} has an appointment with occupational health.",
}
SESSION_SENTENCES: Final = {f"{name}_session": {HELD: text} for name, text in _SESSIONS.items()}
"""What a session of each programme reads like; sessions are no events of the log."""


def sentences(programme: Programme) -> dict[str, dict[str, str]]:
    """What each event of a programme reads like, by its detail."""
    parts = {
        "offer": {route.name: _ROUTES[route.name] for route in programme.routes},
        "not_started": _NOT_STARTED,
        "start": _START,
        "effect": _EFFECT,
        "end": _END,
    }
    return {
        f"{programme.name}_{part}": {
            detail: _capital(text.format(title=programme.title)) for detail, text in texts.items()
        }
        for part, texts in parts.items()
    }


def meanings(programme: Programme) -> dict[str, str]:
    """What each event of a programme is."""
    title = programme.title
    return {
        f"{programme.name}_offer": f"An offer of {title}; by route.",
        f"{programme.name}_not_started": f"An offer or a wait for {title} ends without support; why.",
        f"{programme.name}_start": f"{_capital(title)} starts; by whether the person has a job.",
        f"{programme.name}_effect": f"{_capital(title)} begins to help; or what it did fades or is over.",
        f"{programme.name}_end": f"{_capital(title)} ends; why.",
    }


def _capital(text: str) -> str:
    return text[0].upper() + text[1:]


PROGRAMME_SENTENCES: Final = {
    event: texts
    for programme in PROGRAMMES.values()
    for event, texts in sentences(programme).items()
}
PROGRAMME_MEANINGS: Final = {
    event: text for programme in PROGRAMMES.values() for event, text in meanings(programme).items()
}
