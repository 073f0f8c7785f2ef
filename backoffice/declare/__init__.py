"""The vocabulary that a model is written in. A model file imports this, SQLAlchemy, and nothing else."""

from backoffice.declare import clock
from backoffice.declare.account import Account, Language
from backoffice.declare.actions import ActionSpec, action, transition
from backoffice.declare.base import Base, Model
from backoffice.declare.boards import Board
from backoffice.declare.checklists import Step
from backoffice.declare.choice import Choice, Tone
from backoffice.declare.commands import command, periodic
from backoffice.declare.doubts import Handover, Twin
from backoffice.declare.fields import children, field, link
from backoffice.declare.kinds import Code, Kind, Line, Whole, fold
from backoffice.declare.layout import Layout, Part
from backoffice.declare.merging import Alike, Merge
from backoffice.declare.messages import ByMail, Occasion, tell
from backoffice.declare.offers import Offer
from backoffice.declare.outcome import BadDeclaration, Invalid, Refused
from backoffice.declare.page import Alert, Begin, Meter, Page, Timeline
from backoffice.declare.people import actor
from backoffice.declare.reports import By, Mean, Per, Report, Share, Tally
from backoffice.declare.resource import NOTHING, Personal, Queue, Resource, Right, Verb
from backoffice.declare.rules import concerns, lacks, refuses
from backoffice.declare.spans import seconds_between
from backoffice.declare.text import Text, _
from backoffice.declare.trials import Change, Effect, Trial, Tried
from backoffice.declare.types import (
    Count,
    Day,
    Email,
    Flag,
    LongText,
    Mobile,
    Moment,
    Money,
    Name,
    Number,
    ShortText,
    column_of,
)

__all__ = [
    "NOTHING", "Account", "ActionSpec", "Alert", "Alike", "BadDeclaration", "Base", "Begin", "Board", "By", "ByMail", "Change", "Choice", "Code", "Count",
    "Day", "Effect", "Email", "Flag", "Handover", "Invalid", "Kind", "Language", "Layout", "Line", "LongText", "Mean", "Merge", "Meter", "Mobile",
    "Model", "Moment", "Money", "Name", "Number", "Occasion", "Offer", "Page", "Part", "Per", "Personal", "Queue", "Refused", "Report",
    "Resource", "Right", "Share", "ShortText", "Step", "Tally", "Text", "Timeline", "Tone", "Trial", "Tried", "Twin", "Verb", "Whole", "_", "action", "actor",
    "children", "clock", "column_of", "command", "concerns", "field", "fold", "lacks", "link", "periodic", "refuses", "seconds_between",
    "tell", "transition",
]
