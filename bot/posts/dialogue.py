"""The face of posts in the chat, put together from its parts."""

from __future__ import annotations

from bot.dialogue import Routes
from bot.people.service import People
from bot.posts.announce_dialogue import AnnounceFace
from bot.posts.asking_dialogue import AskingFace
from bot.posts.desk import Desk
from bot.posts.editing_dialogue import EditingFace
from bot.posts.managing_dialogue import ManagingFace
from bot.posts.preview_dialogue import PreviewFace
from bot.posts.reading_dialogue import ReadingFace
from bot.posts.sending_dialogue import SendingFace
from bot.posts.service import Posts
from bot.quartiere.service import Quartiere


class PostsDialogue:
    """Registers everything staff and readers can do with posts."""

    def __init__(self, posts: Posts, people: People, quartiere: Quartiere) -> None:
        desk = Desk(posts)
        asking = AskingFace(posts, desk, PreviewFace(posts))
        desk.go_on = asking.go_on
        self._faces = (
            asking,
            AnnounceFace(posts, desk, asking),
            EditingFace(posts, desk, asking, quartiere),
            SendingFace(posts, desk, asking),
            ManagingFace(posts, desk, asking, quartiere),
            ReadingFace(posts, desk, people),
        )

    def register(self, routes: Routes) -> None:
        for face in self._faces:
            face.register(routes)
