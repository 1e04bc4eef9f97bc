"""What a reader can do with an announcement: read it in another language, as it was written, or always in two."""

from __future__ import annotations

from bot.dialogue import Button, Routes, Turn
from bot.language import M, Name
from bot.people.service import People
from bot.posts.announcement import Announcement
from bot.posts.chat.desk import Desk, guarded
from bot.posts.render import attachments, post_rich
from bot.posts.service import Posts


class ReadingFace:
    """Shows published posts in other languages."""

    def __init__(self, posts: Posts, desk: Desk, people: People) -> None:
        self._posts = posts
        self._desk = desk
        self._people = people

    def register(self, routes: Routes) -> None:
        routes.action("post.read", guarded(self._desk, self.choose))
        routes.action("post.in", guarded(self._desk, self.show))
        routes.action("post.both", guarded(self._desk, self.both))

    async def choose(self, turn: Turn, item: int, revision: int, rest: str) -> None:
        """In which language? As it was written comes first."""
        post = await self._published(turn, item)
        if post is None:
            return
        written = post.post.language
        # Translators: button: the announcement as it was written. {language}: in which language that is.
        original = M("posts.button.original", language=Name(turn.render.name_in(written)))
        rows = [[Button(original, f"post.in:{item}.0.{written}")]]
        rows += [
            [Button(turn.languages[tag].own_name, f"post.in:{item}.0.{tag}")]
            for tag in turn.languages.tags()
            if tag not in (written, turn.language)
        ]
        # Translators: in which language does the reader want to read the announcement? Languages follow as choices.
        turn.say(M("posts.ask.read"), buttons=rows)

    async def show(self, turn: Turn, item: int, revision: int, rest: str) -> None:
        """The post in that language."""
        post = await self._published(turn, item)
        if post is None or rest not in turn.languages.tags():
            return
        voice = await self._posts.voices.of(turn.session, post)
        rich = post_rich(self._posts.voices.render(rest), post, voice)
        rows = []
        if rest != turn.language:
            # Translators: button: from now on, send me announcements in both languages. {language}: the second one.
            both = M("posts.button.both", language=Name(turn.render.name_in(rest)))
            rows.append([Button(both, f"post.both:{item}.0.{rest}")])
        turn.say(rich, buttons=rows, attachments=attachments(post))

    async def both(self, turn: Turn, item: int, revision: int, rest: str) -> None:
        """Announcements come in two languages from now on."""
        if rest not in turn.languages.tags():
            raise ValueError(rest)
        await self._people.speak(turn.session, turn.person, turn.language, second=rest)
        # Translators: announcements come in two languages from now on: {first}, {second}. /language ends it.
        turn.say(
            M(
                "posts.both",
                first=Name(turn.render.name_in(turn.language)),
                second=Name(turn.render.name_in(rest)),
            )
        )

    async def _published(self, turn: Turn, item: int) -> Announcement | None:
        post = await self._posts.find(turn.session, item)
        if post is not None and post.has_left(turn.now):
            return post
        # Translators: the reader wants to read an announcement that was taken back meanwhile.
        turn.say(M("posts.gone"))
        return None
