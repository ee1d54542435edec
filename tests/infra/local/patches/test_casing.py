from __future__ import annotations

CHILD = {"Type": "Pass", "Result": {"a": 1}}


def nested(cloud, resource="arn:aws:states:::states:startExecution"):
    parameters = {"StateMachineArn": cloud.machine(CHILD), "Input": {"b": [1, {"c": "d"}]}}
    return cloud.output({"Type": "Task", "Resource": resource, "Parameters": parameters})


def test_a_state_names_parameters_as_aws_does_and_is_answered_so(aws):
    answer = nested(aws)
    assert answer["ExecutionArn"].startswith("arn:aws:states:us-east-1:123456789012:execution:")


def test_stock_moto_does_not_know_those_names(stock):
    assert nested(stock) is None


def test_dates_in_a_states_output_are_milliseconds(aws):
    assert isinstance(nested(aws)["StartDate"], int)


def test_dates_of_sdk_integrations_are_written_out(aws):
    parameters = {"TableName": aws.table()}
    state = {"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:dynamodb:describeTable", "Parameters": parameters}
    assert aws.output(state)["Table"]["CreationDateTime"].startswith("20")


def test_names_within_lists_are_changed_too(aws):
    aws.client("codebuild").create_project(
        name="lists",
        source={"type": "NO_SOURCE", "location": "none"},
        artifacts={"type": "NO_ARTIFACTS"},
        environment={"type": "LINUX_CONTAINER", "image": "any", "computeType": "BUILD_GENERAL1_SMALL"},
        serviceRole="arn:aws:iam::123456789012:role/any",
    )
    variables = [{"Name": "A", "Value": "b", "Type": "PLAINTEXT"}]
    parameters = {"ProjectName": "lists", "EnvironmentVariablesOverride": variables}
    state = {"Type": "Task", "Resource": "arn:aws:states:::codebuild:startBuild", "Parameters": parameters}
    assert aws.output(state)["Build"]["ProjectName"] == "lists"


def test_a_lambda_gets_its_payload_as_json_and_answers_with_it(aws):
    trust = '{"Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}}]}'
    role = aws.client("iam").create_role(RoleName="echo", AssumeRolePolicyDocument=trust)
    aws.client("lambda").create_function(
        FunctionName="echo",
        Runtime="python3.11",
        Role=role["Role"]["Arn"],
        Handler="a.b",
        Code={"ZipFile": b"none"},
    )
    parameters = {"FunctionName": "echo", "Payload": {"run_id": "r", "list": [1, None]}}
    state = {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "Parameters": parameters}
    assert aws.output(state)["Payload"] == {"run_id": "r", "list": [1, None]}


def test_a_conditional_write_that_fails_is_named_as_aws_names_it(aws):
    table = aws.table(pk="HASH")
    put = {"TableName": table, "Item": {"pk": {"S": "a"}}, "ConditionExpression": "attribute_not_exists(pk)"}
    state = {"Type": "Task", "Resource": "arn:aws:states:::dynamodb:putItem", "Parameters": put, "ResultPath": None}
    ended = aws.ended(aws.start(state, state))
    assert ended["error"] == "DynamoDB.ConditionalCheckFailedException"
