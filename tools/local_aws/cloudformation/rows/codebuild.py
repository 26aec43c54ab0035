"""CodeBuild: projects."""

from tools.local_aws.cloudformation.row import Name, Read, Row

ROWS = (
    Row(
        type_name="AWS::CodeBuild::Project",
        service="codebuild",
        create="CreateProject",
        update="UpdateProject",
        delete="DeleteProject",
        reference="{Name}",
        identity={"name": "{Name}", "names": ("{Name}",)},
        name=Name("Name", 150),
        read=Read("BatchGetProjects", found="projects"),
        learns={"Arn": "project.arn"},
    ),
)
