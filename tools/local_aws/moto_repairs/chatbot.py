"""Chatbot, of which moto has nothing: it is made known as one more of moto's services."""

import re
import sys
from types import ModuleType, SimpleNamespace

import moto.backend_index
from botocore.session import get_session

from tools.local_aws.chatbot.channels import SERVICE, response_class
from tools.local_aws.context import Context
from tools.local_aws.gate.callers import of_caller


def install(context: Context) -> None:
    api = of_caller({account: response_class(each) for account, each in context.accounts.items()})
    model = get_session().get_service_model(SERVICE)
    paths = {model.operation_model(name).http["requestUri"] for name in model.operation_names}
    module = ModuleType(f"moto.{SERVICE}")
    backend = SimpleNamespace(flask_paths=dict.fromkeys(sorted(paths), api.dispatch))
    vars(module)[f"{SERVICE}_backends"] = {"global": backend}
    sys.modules[module.__name__] = module
    moto.backend_index.backend_url_patterns.append(
        (SERVICE, re.compile(rf"https?://{SERVICE}\.(.+)\.amazonaws\.com"))
    )
