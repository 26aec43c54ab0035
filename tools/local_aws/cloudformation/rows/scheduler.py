"""EventBridge Scheduler: schedules."""

from tools.local_aws.cloudformation.parts import reads_back
from tools.local_aws.cloudformation.row import Name, Row

ROWS = (
    Row(
        type_name="AWS::Scheduler::Schedule",
        service="scheduler",
        create="CreateSchedule",
        update="UpdateSchedule",
        delete="DeleteSchedule",
        reference="{Name}",
        identity={"Name": "{Name}"},
        name=Name("Name", 64),
        learns={"Arn": "ScheduleArn"},
        attributes={"Arn": "{Arn}"},
        checks=(reads_back("GetSchedule", {"ScheduleExpression": "ScheduleExpression", "State": "State"}),),
    ),
)
