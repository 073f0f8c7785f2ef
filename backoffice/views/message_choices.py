"""``/account/messages``: what a person gets by mail, and when."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, current_app, flash, redirect, render_template, request
from sqlalchemy import delete, select

from backoffice.access import can
from backoffice.accounts import logins
from backoffice.db import db
from backoffice.declare import Invalid, Text, Verb, _
from backoffice.declare.messages import OCCASIONS, ByMail, Occasion
from backoffice.messages import MessageChoice, times
from backoffice.messages.tables import times_of
from backoffice.plan import Plan
from backoffice.views.common import person

choices = Blueprint("message_choices", __name__)
TIMES = ("quiet_from", "quiet_until", "digest_at")
HERE = "/account/messages"


@choices.get(HERE)
def page() -> str:
    """What the person has chosen."""
    who, own = person(), times_of(db.session, person().id)
    given = {"email": who.email or "", **{name: times.on_the_wall(getattr(own, name)) for name in TIMES}, **_chosen(who.id)}
    return _page(given, {})


@choices.post(HERE)
def save() -> Any:
    """Keep the choices."""
    who, wrong = person(), dict[str, list[Text]]()
    email = _email(wrong)
    minutes = {name: _minutes(name, wrong) for name in TIMES}
    if not all(request.form.get(one.name) in {wish.value for wish in ByMail} for one in _occasions(who)):
        wrong["form"] = [_("Choose one of: {known}.", known=", ".join(str(wish) for wish in ByMail))]
    if wrong:
        db.session.rollback()
        return _page(request.form.to_dict(), wrong), 422
    logins.lock(who)
    who.email = email
    own = times_of(db.session, who.id)
    for name in TIMES:
        setattr(own, name, minutes[name])
    db.session.add(own)
    _keep(who)
    db.session.commit()
    flash(str(_("Your choices are saved.")), "good")
    return redirect(HERE)


def _page(given: dict[str, str], wrong: dict[str, list[Text]]) -> str:
    return render_template(
        "messages/choices.html", given=given, wrong=wrong, occasions=_occasions(person()), wishes=tuple(ByMail), label=_plan().fields["email"].label,
        sends_mail=bool(current_app.config["SMTP_HOST"]), address=current_app.config["MAIL_FROM"],
    )


def _occasions(who: Any) -> list[Occasion]:
    """What the person may be told: about the nouns that the person reads."""
    plans = current_app.extensions["plans"]
    return [one for one in OCCASIONS.values() if one.about in plans and can(who, Verb.READ, plans[one.about])]


def _chosen(number: int) -> dict[str, str]:
    stored = {one.occasion: one.by_mail for one in db.session.scalars(select(MessageChoice).where(MessageChoice.person_id == number))}
    return {one.name: stored.get(one.name, one.by_mail.value) for one in OCCASIONS.values()}


def _keep(who: Any) -> None:
    """Every choice that was shown, so that it stays whatever the house takes for usual some day."""
    shown = [one.name for one in _occasions(who)]
    db.session.execute(delete(MessageChoice).where(MessageChoice.person_id == who.id, MessageChoice.occasion.in_(shown)))
    db.session.add_all([MessageChoice(person_id=who.id, occasion=name, by_mail=request.form[name]) for name in shown])


def _email(wrong: dict[str, list[Text]]) -> str | None:
    text = request.form.get("email", "").strip()
    try:
        return _plan().fields["email"].kind.parse(text) if text else None
    except Invalid as problem:
        wrong["email"] = [problem.why]
        return None


def _minutes(name: str, wrong: dict[str, list[Text]]) -> int:
    minute = times.minutes(request.form.get(name, ""))
    if minute is None:
        wrong[name] = [_("This is no time. Write it like 07:30.")]
    return minute or 0


def _plan() -> Plan:
    return logins.plan()
