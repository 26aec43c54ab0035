"""What AWS's toolkit serves: the program's functions in its own transformer and worker.

AWS's image puts them together in a package that is on no index, in the same way:
https://github.com/aws/sagemaker-xgboost-container/blob/cb8df91/src/sagemaker_xgboost_container/serving.py
Runs in the image's environment only.
"""

import importlib
from functools import cache
from typing import Any

from sagemaker_containers.beta.framework import env, transformer, worker

FUNCTIONS = ("model_fn", "input_fn", "predict_fn", "output_fn", "transform_fn")


@cache
def application() -> Any:
    name = env.ServingEnv().module_name
    program = importlib.import_module(name)
    functions = {function: getattr(program, function, None) for function in FUNCTIONS}
    served = transformer.Transformer(**functions)
    served.initialize()
    return worker.Worker(transform_fn=served.transform, module_name=name)


def main(environ: dict[str, Any], start_response: Any) -> Any:
    return application()(environ, start_response)
