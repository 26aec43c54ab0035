"""The images that jobs run in: AWS's own, what a tag means in whose registry, and the one that is made of it.

`python -m stacks.parts.images dev` prints the images of an environment by their tags; `make images` asks for
their digests. SageMaker takes `registry/repository[:tag]` and `registry/repository[@digest]`:
https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_AlgorithmSpecification.html

Source: the image tables inside the SageMaker Python SDK (`sagemaker/core/image_uri_config`); a test keeps
this table equal to them. Images come from these registries inside the VPC, so no job needs the internet.
"""

import json
import sys
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

import config
from config.mistakes.errors import ConfigurationError, Mistake
from config.settings import Environment, UseCase, load_settings

LOCK = Path(config.__file__).parent / "images.lock.json"
"""Digests by image, which `make images` writes."""

OWN_IMAGE = Path(config.__file__).parent.parent / "image"
"""What our own image is made of."""
OWN_REPOSITORY = "image"
"""The last part of the name of its repository, after the environment's prefix."""
_LENGTH_OF_TAG = 16

XGBOOST_REPOSITORY = "sagemaker-xgboost"
XGBOOST_VERSION = "3.2-0"
MODEL_MONITOR_REPOSITORY = "sagemaker-model-monitor-analyzer"
SPARK_REPOSITORY = "sagemaker-spark-processing"
SPARK_VERSION = "3.5-cpu-py312-v1.3"
"""With the XGBoost image's Python, whose libraries its jobs take along.

Source: https://github.com/aws/sagemaker-spark-container, tag 3.5-cpu-py312-v1.3 of 2026-04-22.
"""

SERVING_ENVIRONMENT = {
    "SAGEMAKER_PROGRAM": "inference.py",
    "SAGEMAKER_SUBMIT_DIRECTORY": "/opt/ml/model/code",
    # Without an Accept header the server would ask the program for JSON.
    "SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT": "*/*",
}
"""What the model server of the XGBoost image is told."""

XGBOOST_LIBRARIES = {
    "flask": "3.1.3",
    "jinja2": "3.1.6",
    "matplotlib": "3.10.9",
    "numpy": "2.1.0",
    "pandas": "2.2.3",
    "pyarrow": "22.0.0",
    "scikit-learn": "1.8.0",
    "scipy": "1.15.0",
    "xgboost": "3.2.0",
}
"""The versions in the XGBoost image of what `pipeline_code/` imports.

Source: `docker/xgboost/uv.lock` in github.com/aws/deep-learning-containers at e0ecede, 2026-08-21.
"""


class Registries(NamedTuple):
    """Account ids of the registries of one region."""

    xgboost: str
    model_monitor: str
    spark: str


REGISTRIES: dict[str, Registries] = {
    "af-south-1": Registries("510948584623", "875698925577", "309385258863"),
    "ap-east-1": Registries("651117190479", "001633400207", "732049463269"),
    "ap-northeast-1": Registries("354813040037", "574779866223", "411782140378"),
    "ap-northeast-2": Registries("366743142698", "709848358524", "860869212795"),
    "ap-northeast-3": Registries("867004704886", "990339680094", "102471314380"),
    "ap-south-1": Registries("720646828776", "126357580389", "105495057255"),
    "ap-southeast-1": Registries("121021644041", "245545462676", "759080221371"),
    "ap-southeast-2": Registries("783357654285", "563025443158", "440695851116"),
    "ap-southeast-3": Registries("951798379941", "669540362728", "800295151634"),
    "ca-central-1": Registries("341280168497", "536280801234", "446299261295"),
    "eu-central-1": Registries("492215442770", "048819808253", "906073651304"),
    "eu-central-2": Registries("680994064768", "590183933784", "142351485170"),
    "eu-north-1": Registries("662702820516", "895015795356", "330188676905"),
    "eu-south-1": Registries("978288397137", "933208885752", "753923664805"),
    "eu-south-2": Registries("104374241257", "437450045455", "833944533722"),
    "eu-west-1": Registries("141502667606", "468650794304", "571004829621"),
    "eu-west-2": Registries("764974769150", "749857270468", "836651553127"),
    "eu-west-3": Registries("659782779980", "680080141114", "136845547031"),
    "il-central-1": Registries("898809789911", "843974653677", "408426139102"),
    "me-central-1": Registries("272398656194", "588750061953", "395420993607"),
    "me-south-1": Registries("801668240914", "607024016150", "750251592176"),
    "sa-east-1": Registries("737474898029", "539772159869", "737130764395"),
    "us-east-1": Registries("683313688378", "156813124566", "173754725891"),
    "us-east-2": Registries("257758044811", "777275614652", "314815235551"),
    "us-west-1": Registries("746614075791", "890145073186", "667973535471"),
    "us-west-2": Registries("246618743249", "159807026194", "153931337802"),
}


def image_repository(region: str) -> str:
    """Of the image in which jobs run and models are served."""
    return f"{_registry(REGISTRIES[region].xgboost, region)}/{XGBOOST_REPOSITORY}"


def xgboost_image(region: str) -> str:
    return f"{image_repository(region)}:{XGBOOST_VERSION}"


def model_monitor_image(region: str) -> str:
    return f"{_registry(REGISTRIES[region].model_monitor, region)}/{MODEL_MONITOR_REPOSITORY}"


def spark_image(region: str) -> str:
    return f"{_registry(REGISTRIES[region].spark, region)}/{SPARK_REPOSITORY}:{SPARK_VERSION}"


class Images:
    """The images of one environment, by tag or by digest, as it says."""

    def __init__(self, environment: Environment) -> None:
        self._environment = environment

    @property
    def xgboost(self) -> str:
        return self._pinned(xgboost_image(self._environment.region))

    @property
    def model_monitor(self) -> str:
        return self._pinned(model_monitor_image(self._environment.region))

    @property
    def spark(self) -> str:
        return self._pinned(spark_image(self._environment.region))

    @property
    def own(self) -> str:
        """Tagged by what it is made of: another file, or another image of AWS's, makes another one."""
        return f"{self._own_repository}:{_digest(self.xgboost, OWN_IMAGE)[:_LENGTH_OF_TAG]}"

    def of(self, use_case: UseCase) -> str:
        """What the use case's jobs run in, and its endpoint."""
        return self.own if use_case.image == "own" else self.xgboost

    def repositories(self, *use_cases: UseCase) -> list[str]:
        """Of the images that versions of some use cases may have; a use case had AWS's before its own."""
        own = [self._own_repository] if any(each.image == "own" for each in use_cases) else []
        return [image_repository(self._environment.region), *own]

    @property
    def _own_repository(self) -> str:
        here = self._environment
        return f"{_registry(here.account, here.region)}/{here.prefix}-{OWN_REPOSITORY}"

    def _pinned(self, image: str) -> str:
        """Raises ConfigurationError when nobody has asked for the digest yet."""
        if self._environment.images == "by-tag":
            return image
        digests: dict[str, str] = json.loads(LOCK.read_text("utf-8")) if LOCK.exists() else {}
        if image not in digests:
            raise ConfigurationError([self._not_locked(image)])
        repository, _, name = image.rpartition("/")
        return f"{repository}/{name.partition(':')[0]}@{digests[image]}"

    def _not_locked(self, image: str) -> Mistake:
        name = self._environment.name
        return Mistake(
            ("images",),
            self._environment.images,
            f"the digest of {image} is not in config/{LOCK.name}",
            "by-tag, or by-digest with all digests in that file",
            f"run `make images ENVIRONMENT={name}` and commit the file",
            f"config/environments/{name}.yaml",
        )


def image_repository_arns(region: str) -> list[str]:
    accounts = REGISTRIES[region]
    return [
        f"arn:aws:ecr:{region}:{accounts.xgboost}:repository/{XGBOOST_REPOSITORY}",
        f"arn:aws:ecr:{region}:{accounts.model_monitor}:repository/{MODEL_MONITOR_REPOSITORY}",
        f"arn:aws:ecr:{region}:{accounts.spark}:repository/{SPARK_REPOSITORY}",
    ]


def _digest(base: str, folder: Path) -> str:
    digest = sha256(base.encode())
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        digest.update(
            f"\n{path.relative_to(folder).as_posix()} {sha256(path.read_bytes()).hexdigest()}".encode()
        )
    return digest.hexdigest()


def _registry(account: str, region: str) -> str:
    return f"{account}.dkr.ecr.{region}.amazonaws.com"


def main(environment: str) -> None:
    region = next(each.region for each in load_settings().environments if each.name == environment)
    print(xgboost_image(region), model_monitor_image(region), spark_image(region), sep="\n")


if __name__ == "__main__":
    main(sys.argv[1])
