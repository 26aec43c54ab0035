"""What stands for Docker in a build: what makes an image is checked, and nothing of it is run.

The image that is pushed has no content but the digests of the files that it is made of, and says on which
image it is based (https://github.com/opencontainers/image-spec/blob/main/annotations.md). Jobs in it run in
this interpreter, which has to have the libraries that the build installs.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

BASE_NAME = "org.opencontainers.image.base.name"
_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
_CONFIG = "application/vnd.oci.image.config.v1+json"
_LAYER = "application/vnd.oci.image.layer.v1.tar+gzip"
_IMAGE = re.compile(
    r"(?P<registry>(?P<account>\d{12})\.dkr\.ecr\.[\w-]+\.amazonaws\.com)/(?P<name>[\w./-]+)"
    r"(?::(?P<tag>[\w.-]+)|@(?P<digest>sha256:\w+))"
)
_LOGIN = re.compile(
    r"aws ecr get-login-password \| docker login --username AWS --password-stdin (?P<registry>\S+)"
)
_BUILD = re.compile(r'docker build --build-arg "(?P<name>\w+)=\$(?P<value>\w+)" --tag "\$(?P<tag>\w+)" \.')
_PUSH = re.compile(r'docker push "\$(?P<tag>\w+)"')
_REQUIREMENT = re.compile(r"^([\w.-]+)==(\S+)((?:\s*\\\n\s+--hash=sha256:\w+)+)", re.MULTILINE)


class BuildError(Exception):
    """A command of a build failed; the text is what it says."""


@dataclass
class Docker:
    """The Docker engine of one build."""

    ecr: Any
    """A client with the build's role."""
    context: Path
    variables: Mapping[str, str]
    say: Callable[[str], None]
    _signed_in: set[str] = field(default_factory=set)
    _built: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    """By its name: the image that it is made of, and its content."""

    def run(self, command: str) -> None:
        """Raises `BuildError`, also for a command that nobody imitates, and `ClientError`."""
        for pattern, act in ((_LOGIN, self._sign_in), (_BUILD, self._build), (_PUSH, self._push)):
            if found := pattern.fullmatch(command):
                return act(found)
        raise BuildError(f"The embedded AWS has no machine to run this on: {command}")

    def _sign_in(self, command: re.Match[str]) -> None:
        self.ecr.get_authorization_token()
        self._signed_in.add(command["registry"])

    def _build(self, command: re.Match[str]) -> None:
        base = ""
        arguments = {command["name"]: self.variables[command["value"]]}
        for instruction, words in _instructions(self._text("Dockerfile")):
            if instruction == "FROM":
                base = re.sub(r"\$\{?(\w+)\}?", lambda name: arguments.get(name[1], ""), words)
                self._find(base)
            elif instruction == "COPY":
                self._check_copied(words.split()[:-1])
            elif "pip install" in words:
                self._check_installed(words)
        if not base:
            raise BuildError("dockerfile parse error: no build stage in current context")
        self._built[self.variables[command["tag"]]] = base, self._content()
        self.say(
            "The embedded AWS has no Docker: what makes the image was checked, and no command of it run."
        )

    def _find(self, image: str) -> None:
        named = self._named(image)
        wanted = {"imageTag": named["tag"]} if named["tag"] else {"imageDigest": named["digest"]}
        answer = self.ecr.batch_get_image(
            registryId=named["account"], repositoryName=named["name"], imageIds=[wanted]
        )
        if answer["failures"]:
            raise BuildError(f"failed to resolve source metadata for {image}: {image}: not found")

    def _named(self, image: str) -> re.Match[str]:
        named = _IMAGE.fullmatch(image)
        if named is None:
            raise BuildError(f"{image!r} is in no registry that a build here can reach")
        if named["registry"] not in self._signed_in:
            raise BuildError("no basic auth credentials")
        return named

    def _check_copied(self, sources: list[str]) -> None:
        for source in sources:
            if not (self.context / source).exists():
                raise BuildError(f'failed to calculate checksum of ref: "/{source}": not found')

    def _check_installed(self, command: str) -> None:
        """What is installed is in the context, is what the lock says, and is what jobs here run with."""
        if "--require-hashes" not in command or "--no-index" not in command:
            raise BuildError(f"The build has no way to an index: {command}")
        files = {sha256(path.read_bytes()).hexdigest() for path in self.context.rglob("*.whl")}
        lock = Path(command.split("--requirement ")[1].split()[0]).name
        for name, pinned, hashes in _REQUIREMENT.findall(self._text(lock)):
            if not files & set(re.findall(r"sha256:(\w+)", hashes)):
                raise BuildError(f"ERROR: No matching distribution found for {name}=={pinned}")
            if _version(name) != pinned:
                raise BuildError(
                    f"The embedded AWS runs jobs in its own Python, which has no {name} {pinned}."
                )

    def _push(self, command: re.Match[str]) -> None:
        image = self.variables[command["tag"]]
        if image not in self._built:
            raise BuildError(f"An image does not exist locally with the tag: {image}")
        named, (base, content) = self._named(image), self._built[image]
        repository, digest = {"repositoryName": named["name"]}, f"sha256:{sha256(content).hexdigest()}"
        self.ecr.batch_check_layer_availability(**repository, layerDigests=[digest])
        upload = self.ecr.initiate_layer_upload(**repository)["uploadId"]
        part = {"partFirstByte": 0, "partLastByte": len(content) - 1, "layerPartBlob": content}
        self.ecr.upload_layer_part(**repository, uploadId=upload, **part)
        self.ecr.complete_layer_upload(**repository, uploadId=upload, layerDigests=[digest])
        blob = {"digest": digest, "size": len(content)}
        manifest = {
            "schemaVersion": 2,
            "mediaType": _MANIFEST,
            "config": {**blob, "mediaType": _CONFIG},
            "layers": [{**blob, "mediaType": _LAYER}],
            "annotations": {BASE_NAME: base},
        }
        self.ecr.put_image(**repository, imageManifest=json.dumps(manifest), imageTag=named["tag"])
        self.say(f"{named['tag']}: digest: {digest}")

    def _content(self) -> bytes:
        digests = {
            path.relative_to(self.context).as_posix(): sha256(path.read_bytes()).hexdigest()
            for path in sorted(self.context.rglob("*"))
            if path.is_file()
        }
        return json.dumps(digests).encode()

    def _text(self, name: str) -> str:
        path = self.context / name
        if not path.is_file():
            raise BuildError(f"failed to read dockerfile: open {name}: no such file or directory")
        return path.read_text("utf-8")


def _instructions(dockerfile: str) -> Iterator[tuple[str, str]]:
    for line in dockerfile.replace("\\\n", " ").splitlines():
        if line.strip() and not line.startswith("#"):
            instruction, _, words = line.strip().partition(" ")
            yield instruction.upper(), words


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None
