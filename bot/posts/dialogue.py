"""The face of posts in the chat, put together from its parts."""

from __future__ import annotations

from bot.dialogue import Routes
from bot.people.service import People
from bot.posts.chat.again import AgainFace
from bot.posts.chat.announce import AnnounceFace
from bot.posts.chat.asking import AskingFace
from bot.posts.chat.desk import Desk
from bot.posts.chat.editing import EditingFace
from bot.posts.chat.managing import ManagingFace
from bot.posts.chat.preview import PreviewFace
from bot.posts.chat.reading import ReadingFace
from bot.posts.chat.sending import SendingFace
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
            AgainFace(posts, desk),
            ReadingFace(posts, desk, people),
        )

    def register(self, routes: Routes) -> None:
        for face in self._faces:
            face.register(routes)
