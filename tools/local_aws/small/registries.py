"""AWS's own registries of images: which digest a tag has, without the image."""

from collections.abc import Callable, Mapping
from hashlib import sha256
from typing import Any

from moto.core.responses import ActionResult

from tools.local_aws.context import Context
from tools.local_aws.sagemaker.jobs.images import KNOWN_IMAGES

Answer = Callable[[Any], Any]


def with_images_of_aws(batch_get_image: Answer, context: Context) -> Answer:
    """BatchGetImage, which also knows the images that jobs run in; their manifests are empty."""

    def answer(response: Any) -> Any:
        registry, name = response._get_param("registryId"), response._get_param("repositoryName")
        if registry in (None, *context.accounts) or name not in KNOWN_IMAGES:
            return batch_get_image(response)
        images = [_image(registry, name, wanted) for wanted in response._get_param("imageIds")]
        return ActionResult({"images": images, "failures": []})

    return answer


def _image(registry: str, name: str, wanted: Mapping[str, str]) -> dict[str, Any]:
    tagged = f"{name}:{wanted.get('imageTag')}"
    made_up = f"sha256:{sha256(tagged.encode()).hexdigest()}"
    identifier = {"imageDigest": made_up, **wanted}
    return {"registryId": registry, "repositoryName": name, "imageId": identifier, "imageManifest": "{}"}
