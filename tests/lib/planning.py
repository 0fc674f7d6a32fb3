"""What the tests of plan's edges share: an index of their own, and what plan leaves in its cache."""
import os

from harness import Case
from index import Index


class Planning(Case):
    """With an index of its own in self.index; plan_for() is told of it."""

    def serve(self, *dists, **switches):
        self.index = self.enter(Index(dists, **switches))
        return self.index

    def enter(self, context):
        value = context.__enter__()
        self.addCleanup(context.__exit__, None, None, None)
        return value

    def plan_for(self, requirements, *arguments, **options):
        if isinstance(requirements, str):
            requirements = requirements.encode()
        self.write("requirements.txt", requirements + b"\n")
        return self.plan("-i", self.index.url, "--retries", "0", *arguments, "requirements.txt", **options)

    def local(self, dist, folder="wheels"):
        return self.write("%s/%s" % (folder, dist.filename), dist.data)

    def cache_text(self):
        """The names and the bytes of everything in the cache."""
        text = b""
        for folder, _, files in os.walk(os.path.join(self.base, "cache")):
            for name in files:
                path = os.path.join(folder, name)
                with open(path, "rb") as f:
                    text += path.encode() + b"\n" + f.read() + b"\n"
        return text
