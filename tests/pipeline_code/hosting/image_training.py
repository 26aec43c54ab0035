"""What AWS's XGBoost image runs in script mode: `training.py` of its repository, without its own algorithm.

Source: https://github.com/aws/sagemaker-xgboost-container, src/sagemaker_xgboost_container/training.py
"""

from sagemaker_containers.beta import framework


def main() -> None:
    environment = framework.training_env()
    framework.modules.run_module(
        environment.module_dir,
        environment.to_cmd_args(),
        environment.to_env_vars(),
        environment.module_name,
        capture_error=False,
    )
