"""The face of proposals in the chat, put together from its parts."""

from __future__ import annotations

from bot.dialogue import Routes
from bot.people.service import People
from bot.posts.service import Posts
from bot.proposals.changing_dialogue import ChangingFace
from bot.proposals.desk import ProposalDesk
from bot.proposals.own_dialogue import OwnFace
from bot.proposals.review_dialogue import ReviewFace
from bot.proposals.service import Proposals
from bot.proposals.writing_dialogue import WritingFace
from bot.quartiere.service import Quartiere


class ProposalsDialogue:
    """Registers everything authors and reviewers can do."""

    def __init__(self, proposals: Proposals, posts: Posts, people: People, quartiere: Quartiere) -> None:
        desk = ProposalDesk(proposals)
        writing = WritingFace(proposals, posts, people, quartiere, desk)
        changing = ChangingFace(proposals, posts, writing, desk)
        self._faces = (writing, changing, OwnFace(proposals, writing, desk), ReviewFace(proposals, desk))

    def register(self, routes: Routes) -> None:
        for face in self._faces:
            face.register(routes)
