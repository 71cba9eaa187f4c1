"""Good resources: keys, secrets, parameters and roles."""

from __future__ import annotations

from tests.sandbox.aws.estate import ACCOUNT, Estate, Inputs, good, policy, role, trust


@good("aws:kms/key:Key")
def _(estate: Estate) -> Inputs:
    return {
        "enableKeyRotation": True,
        "policy": policy(
            {
                "Effect": "Allow",
                "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
                "Action": "kms:*",
                "Resource": "*",
            },
            {
                "Effect": "Allow",
                "Principal": {"Service": "logs.us-east-1.amazonaws.com"},
                "Action": ["kms:Encrypt*", "kms:Decrypt*", "kms:GenerateDataKey*", "kms:Describe*"],
                "Resource": "*",
                "Condition": {
                    "ArnLike": {
                        "kms:EncryptionContext:aws:logs:arn": (
                            f"arn:aws:logs:us-east-1:{ACCOUNT}:log-group:*"
                        )
                    }
                },
            },
        ),
    }


@good("aws:kms/alias:Alias")
def _(estate: Estate) -> Inputs:
    return {"targetKeyId": estate.make("aws:kms/key:Key").id}


@good("aws:secretsmanager/secret:Secret")
def _(estate: Estate) -> Inputs:
    return {"kmsKeyId": estate.get("aws:kms/key:Key", "arn")}


@good("aws:secretsmanager/secretVersion:SecretVersion")
def _(estate: Estate) -> Inputs:
    secret = estate.make("aws:secretsmanager/secret:Secret").id
    return {"secretId": secret, "secretString": "of no worth"}


@good("aws:ssm/parameter:Parameter")
def _(estate: Estate) -> Inputs:
    return {"type": "String", "value": "cache.example.com"}


@good("aws:iam/role:Role")
def _(estate: Estate) -> Inputs:
    return {"assumeRolePolicy": trust("ecs-tasks")}


@good("aws:iam/rolePolicy:RolePolicy")
def _(estate: Estate) -> Inputs:
    return {
        "role": estate.make("aws:iam/role:Role").id,
        "policy": policy(
            {
                "Effect": "Allow",
                "Action": "secretsmanager:GetSecretValue",
                "Resource": f"arn:aws:secretsmanager:us-east-1:{ACCOUNT}:secret:it-*",
            }
        ),
    }


@good("aws:iam/policy:Policy")
def _(estate: Estate) -> Inputs:
    queues = f"arn:aws:sqs:us-east-1:{ACCOUNT}:*"
    return {"policy": policy({"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": queues})}


@good("aws:iam/rolePolicyAttachment:RolePolicyAttachment")
def _(estate: Estate) -> Inputs:
    return {
        "role": estate.make("aws:iam/role:Role").id,
        "policyArn": "arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy",
    }


@good("aws:iam/instanceProfile:InstanceProfile")
def _(estate: Estate) -> Inputs:
    return {"role": role(estate, "ec2").id}
