"""A stack like medium on AWS, as one would write it with the AWS CDK: for its time to synthesise.

It runs in an environment of its own (`requirements.lock`, `package-lock.json`) and is never
deployed. What depends on the account is named in it, so that `cdk synth` asks no cloud.
"""

from __future__ import annotations

import aws_cdk as cdk
from aws_cdk import (
    aws_autoscaling,
    aws_budgets,
    aws_certificatemanager,
    aws_cloudwatch,
    aws_cloudwatch_actions,
    aws_ec2,
    aws_ecs,
    aws_elasticache,
    aws_elasticloadbalancingv2,
    aws_iam,
    aws_kms,
    aws_lambda,
    aws_logs,
    aws_rds,
    aws_route53,
    aws_route53_targets,
    aws_s3,
    aws_secretsmanager,
    aws_sns,
    aws_sqs,
    aws_ssm,
    custom_resources,
)
from constructs import Construct

ACCOUNT, REGION = "123456789012", "us-east-1"
PORT = 8283
DOMAIN, ZONE = "letta.example.com", "example.com"
MONTH = aws_logs.RetentionDays.ONE_MONTH
AT_LEAST = aws_cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD
BELOW = aws_cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD


class Letta(cdk.Stack):
    """Network, data, two services, ways in and watch."""

    def __init__(self, scope: Construct, name: str, env: cdk.Environment) -> None:
        super().__init__(scope, name, env=env)
        self._topic = aws_sns.Topic(self, "alerts")
        self._key = aws_kms.Key(self, "key", enable_key_rotation=True, alias="letta-medium")
        self._network()
        self._data()
        self._bootstrap()
        self._way_in()
        self._service("api", machine="m5.large", copies=3, most=10, memory_mib=3584)
        self._service("work", machine="t3.medium", copies=1, most=2, memory_mib=1536)
        self._queue()
        aws_budgets.CfnBudget(
            self,
            "budget",
            budget=aws_budgets.CfnBudget.BudgetDataProperty(
                budget_type="COST",
                time_unit="MONTHLY",
                budget_limit=aws_budgets.CfnBudget.SpendProperty(amount=2500, unit="USD"),
            ),
            notifications_with_subscribers=[
                aws_budgets.CfnBudget.NotificationWithSubscribersProperty(
                    notification=aws_budgets.CfnBudget.NotificationProperty(
                        comparison_operator="GREATER_THAN",
                        notification_type="FORECASTED",
                        threshold=100,
                    ),
                    subscribers=[
                        aws_budgets.CfnBudget.SubscriberProperty(
                            subscription_type="SNS", address=self._topic.topic_arn
                        )
                    ],
                )
            ],
        )

    def _network(self) -> None:
        self._vpc = aws_ec2.Vpc(
            self,
            "net",
            ip_addresses=aws_ec2.IpAddresses.cidr("10.0.0.0/16"),
            max_azs=2,
            nat_gateways=2,
            restrict_default_security_group=True,
            subnet_configuration=[
                aws_ec2.SubnetConfiguration(
                    name="public", subnet_type=aws_ec2.SubnetType.PUBLIC, cidr_mask=21
                ),
                aws_ec2.SubnetConfiguration(
                    name="private",
                    subnet_type=aws_ec2.SubnetType.PRIVATE_WITH_EGRESS,
                    cidr_mask=20,
                ),
                aws_ec2.SubnetConfiguration(
                    name="database", subnet_type=aws_ec2.SubnetType.PRIVATE_ISOLATED, cidr_mask=24
                ),
            ],
            gateway_endpoints={
                "s3": aws_ec2.GatewayVpcEndpointOptions(
                    service=aws_ec2.GatewayVpcEndpointAwsService.S3
                )
            },
        )
        self._groups = {
            role: aws_ec2.SecurityGroup(self, f"{role}-group", vpc=self._vpc)
            for role in ("balancer", "server", "machine", "database", "cache", "bootstrap")
        }
        group = self._groups
        for port in (80, 443):
            group["balancer"].add_ingress_rule(aws_ec2.Peer.any_ipv4(), aws_ec2.Port.tcp(port))
        group["server"].add_ingress_rule(group["balancer"], aws_ec2.Port.tcp(PORT))
        for client in ("server", "bootstrap"):
            group["database"].add_ingress_rule(group[client], aws_ec2.Port.tcp(5432))
            group["cache"].add_ingress_rule(group[client], aws_ec2.Port.tcp(6379))

    def _data(self) -> None:
        isolated = aws_ec2.SubnetSelection(subnet_type=aws_ec2.SubnetType.PRIVATE_ISOLATED)
        engine = aws_rds.DatabaseInstanceEngine.postgres(
            version=aws_rds.PostgresEngineVersion.VER_16
        )
        size = aws_ec2.InstanceType("r5.large")
        primary = aws_rds.DatabaseInstance(
            self,
            "db",
            engine=engine,
            instance_type=size,
            vpc=self._vpc,
            vpc_subnets=isolated,
            security_groups=[self._groups["database"]],
            multi_az=True,
            allocated_storage=200,
            max_allocated_storage=500,
            storage_type=aws_rds.StorageType.GP3,
            storage_encrypted=True,
            storage_encryption_key=self._key,
            backup_retention=cdk.Duration.days(14),
            deletion_protection=True,
            monitoring_interval=cdk.Duration.seconds(60),
            enable_performance_insights=True,
            cloudwatch_logs_exports=["postgresql", "upgrade"],
            cloudwatch_logs_retention=MONTH,
            parameter_group=aws_rds.ParameterGroup(
                self,
                "postgres16",
                engine=engine,
                parameters={"rds.force_ssl": "1", "log_min_duration_statement": "1000"},
            ),
        )
        replica = aws_rds.DatabaseInstanceReadReplica(
            self,
            "replica",
            source_database_instance=primary,
            instance_type=size,
            vpc=self._vpc,
            vpc_subnets=isolated,
            security_groups=[self._groups["database"]],
            monitoring_interval=cdk.Duration.seconds(60),
            cloudwatch_logs_exports=["postgresql", "upgrade"],
            cloudwatch_logs_retention=MONTH,
        )
        for name, instance in (("primary", primary), ("replica", replica)):
            self._alarm(f"{name}-cpu", instance.metric_cpu_utilization(), 80)
            self._alarm(f"{name}-storage", instance.metric_free_storage_space(), 2e10, BELOW)
            self._alarm(f"{name}-memory", instance.metric_freeable_memory(), 1e9, BELOW)
        self._alarm("primary-connections", primary.metric_database_connections(), 1300)
        self._alarm("replica-lag", replica.metric("ReplicaLag"), 300)
        subnets = aws_elasticache.CfnSubnetGroup(
            self,
            "cache-subnets",
            description="Isolated subnets",
            subnet_ids=self._vpc.select_subnets(
                subnet_type=aws_ec2.SubnetType.PRIVATE_ISOLATED
            ).subnet_ids,
        )
        parameters = aws_elasticache.CfnParameterGroup(
            self,
            "redis7",
            cache_parameter_group_family="redis7",
            description="No keys are evicted that do not expire",
            properties={"maxmemory-policy": "volatile-lru"},
        )
        cache = aws_elasticache.CfnReplicationGroup(
            self,
            "cache",
            replication_group_description="Redis of the servers",
            engine="redis",
            cache_node_type="cache.t4g.medium",
            num_cache_clusters=1,
            automatic_failover_enabled=False,
            at_rest_encryption_enabled=True,
            kms_key_id=self._key.key_id,
            cache_subnet_group_name=subnets.ref,
            cache_parameter_group_name=parameters.ref,
            security_group_ids=[self._groups["cache"].security_group_id],
        )
        for metric, limit in (
            ("CPUUtilization", 90),
            ("DatabaseMemoryUsagePercentage", 80),
            ("Evictions", 1),
            ("CPUCreditBalance", 20),
        ):
            measured = aws_cloudwatch.Metric(
                namespace="AWS/ElastiCache",
                metric_name=metric,
                dimensions_map={"CacheClusterId": f"{cache.ref}-001"},
            )
            self._alarm(f"cache-{metric}", measured, limit)
        host = aws_ssm.StringParameter(
            self, "redis-host", string_value=cache.attr_primary_end_point_address
        )
        self._secrets = {
            name: aws_secretsmanager.Secret(self, name, encryption_key=self._key)
            for name in ("server-password", "encryption-key", "app-uri", "admin-uri")
        }
        self._environment = {
            "LETTA_REDIS_HOST": aws_ecs.Secret.from_ssm_parameter(host),
            "LETTA_PG_URI": aws_ecs.Secret.from_secrets_manager(self._secrets["app-uri"]),
            **{
                variable: aws_ecs.Secret.from_secrets_manager(self._secrets[name])
                for variable, name in (
                    ("LETTA_SERVER_PASSWORD", "server-password"),
                    ("LETTA_ENCRYPTION_KEY", "encryption-key"),
                )
            },
        }
        self._logs_bucket = self._bucket("logs-bucket")
        self._bucket("data").add_lifecycle_rule(noncurrent_version_expiration=cdk.Duration.days(30))

    def _bucket(self, name: str) -> aws_s3.Bucket:
        return aws_s3.Bucket(
            self,
            name,
            versioned=True,
            encryption=aws_s3.BucketEncryption.S3_MANAGED,
            enforce_ssl=True,
            block_public_access=aws_s3.BlockPublicAccess.BLOCK_ALL,
            object_ownership=aws_s3.ObjectOwnership.OBJECT_WRITER,
        )

    def _bootstrap(self) -> None:
        cluster = aws_ecs.Cluster(self, "bootstrap-cluster", vpc=self._vpc)
        task = aws_ecs.FargateTaskDefinition(self, "bootstrap", cpu=1024, memory_limit_mib=2048)
        self._container(task, "bootstrap", memory_mib=2048)
        function = aws_lambda.Function(
            self,
            "bootstrap-function",
            runtime=aws_lambda.Runtime.PYTHON_3_13,
            handler="index.handler",
            code=aws_lambda.Code.from_inline("def handler(event, context): ..."),
            environment={
                "CLUSTER": cluster.cluster_arn,
                "TASK": task.task_definition_arn,
                "GROUP": self._groups["bootstrap"].security_group_id,
            },
            log_group=aws_logs.LogGroup(self, "bootstrap-function-log", retention=MONTH),
        )
        function.add_to_role_policy(
            aws_iam.PolicyStatement(actions=["ecs:RunTask"], resources=[task.task_definition_arn])
        )
        call = custom_resources.AwsSdkCall(
            service="Lambda",
            action="invoke",
            parameters={"FunctionName": function.function_name},
            physical_resource_id=custom_resources.PhysicalResourceId.of("bootstrap"),
        )
        self._ready = custom_resources.AwsCustomResource(
            self,
            "bootstrapped",
            on_create=call,
            install_latest_aws_sdk=False,
            policy=custom_resources.AwsCustomResourcePolicy.from_statements(
                [
                    aws_iam.PolicyStatement(
                        actions=["lambda:InvokeFunction"], resources=[function.function_arn]
                    )
                ]
            ),
        )

    def _way_in(self) -> None:
        zone = aws_route53.HostedZone.from_hosted_zone_attributes(
            self, "zone", hosted_zone_id="Z0123456789ABCDEFGHIJ", zone_name=ZONE
        )
        certificate = aws_certificatemanager.Certificate(
            self,
            "certificate",
            domain_name=DOMAIN,
            validation=aws_certificatemanager.CertificateValidation.from_dns(zone),
        )
        self._balancer = aws_elasticloadbalancingv2.ApplicationLoadBalancer(
            self,
            "in",
            vpc=self._vpc,
            internet_facing=True,
            security_group=self._groups["balancer"],
            idle_timeout=cdk.Duration.seconds(660),
            deletion_protection=True,
        )
        self._balancer.log_access_logs(self._logs_bucket)
        self._balancer.add_redirect()
        self._listener = self._balancer.add_listener(
            "https",
            port=443,
            certificates=[certificate],
            ssl_policy=aws_elasticloadbalancingv2.SslPolicy.RECOMMENDED_TLS,
            default_action=aws_elasticloadbalancingv2.ListenerAction.fixed_response(404),
        )
        aws_route53.ARecord(
            self,
            "name",
            zone=zone,
            record_name=DOMAIN,
            target=aws_route53.RecordTarget.from_alias(
                aws_route53_targets.LoadBalancerTarget(self._balancer)
            ),
        )
        metrics = self._balancer.metrics
        balancer_5xx = aws_elasticloadbalancingv2.HttpCodeElb.ELB_5XX_COUNT
        target_5xx = aws_elasticloadbalancingv2.HttpCodeTarget.TARGET_5XX_COUNT
        self._alarm("balancer-5xx", metrics.http_code_elb(balancer_5xx), 1)
        self._alarm("server-5xx", metrics.http_code_target(target_5xx), 1)
        self._alarm("latency", metrics.target_response_time(statistic="p90"), 60)

    def _service(self, name: str, *, machine: str, copies: int, most: int, memory_mib: int) -> None:
        cluster = aws_ecs.Cluster(
            self,
            f"{name}-cluster",
            vpc=self._vpc,
            container_insights_v2=aws_ecs.ContainerInsights.ENABLED,
        )
        template = aws_ec2.LaunchTemplate(
            self,
            f"{name}-machine",
            instance_type=aws_ec2.InstanceType(machine),
            machine_image=aws_ecs.EcsOptimizedImage.amazon_linux2023(),
            security_group=self._groups["machine"],
            require_imdsv2=True,
            user_data=aws_ec2.UserData.for_linux(),
            role=aws_iam.Role(
                self,
                f"{name}-machine-role",
                assumed_by=aws_iam.ServicePrincipal("ec2.amazonaws.com"),
            ),
            block_devices=[
                aws_ec2.BlockDevice(
                    device_name="/dev/xvda",
                    volume=aws_ec2.BlockDeviceVolume.ebs(200, encrypted=True),
                )
            ],
        )
        capacity = aws_ecs.AsgCapacityProvider(
            self,
            f"{name}-capacity",
            auto_scaling_group=aws_autoscaling.AutoScalingGroup(
                self,
                f"{name}-group",
                vpc=self._vpc,
                launch_template=template,
                min_capacity=copies,
                max_capacity=most + 1,
            ),
        )
        cluster.add_asg_capacity_provider(capacity)
        task = aws_ecs.Ec2TaskDefinition(self, name, network_mode=aws_ecs.NetworkMode.AWS_VPC)
        self._container(task, name, memory_mib=memory_mib)
        service = aws_ecs.Ec2Service(
            self,
            f"{name}-service",
            cluster=cluster,
            task_definition=task,
            desired_count=copies,
            min_healthy_percent=100,
            security_groups=[self._groups["server"]],
            circuit_breaker=aws_ecs.DeploymentCircuitBreaker(rollback=True),
            capacity_provider_strategies=[
                aws_ecs.CapacityProviderStrategy(
                    capacity_provider=capacity.capacity_provider_name, weight=1
                )
            ],
        )
        service.node.add_dependency(self._ready)
        target = self._listener.add_targets(
            name,
            port=PORT,
            protocol=aws_elasticloadbalancingv2.ApplicationProtocol.HTTP,
            targets=[service],
            priority=10 if name == "api" else 20,
            conditions=[
                aws_elasticloadbalancingv2.ListenerCondition.path_patterns(
                    ["/*"] if name == "api" else ["/internal-worker"]
                )
            ],
            health_check=aws_elasticloadbalancingv2.HealthCheck(path="/v1/health/"),
        )
        scaling = service.auto_scale_task_count(min_capacity=copies, max_capacity=most)
        scaling.scale_on_cpu_utilization(f"{name}-cpu-scaling", target_utilization_percent=65)
        scaling.scale_on_memory_utilization(f"{name}-memory-scaling", target_utilization_percent=70)
        self._alarm(f"{name}-cpu", service.metric_cpu_utilization(), 80)
        self._alarm(f"{name}-memory", service.metric_memory_utilization(), 85)
        self._alarm(f"{name}-unhealthy", target.metrics.unhealthy_host_count(), 1)
        running = aws_cloudwatch.Metric(
            namespace="ECS/ContainerInsights",
            metric_name="RunningTaskCount",
            dimensions_map={
                "ClusterName": cluster.cluster_name,
                "ServiceName": service.service_name,
            },
        )
        self._alarm(f"{name}-running", running, copies, BELOW)

    def _container(self, task: aws_ecs.TaskDefinition, name: str, *, memory_mib: int) -> None:
        log = aws_logs.LogGroup(self, f"{name}-log", retention=MONTH)
        if name != "bootstrap":
            filtered = log.add_metric_filter(
                f"{name}-redis",
                filter_pattern=aws_logs.FilterPattern.any_term("Redis"),
                metric_namespace="Letta",
                metric_name=f"{name}-redis",
            )
            self._alarm(f"{name}-redis-alarm", filtered.metric(), 1)
        task.add_container(
            name,
            image=aws_ecs.ContainerImage.from_registry("letta/letta:0.16.4"),
            memory_limit_mib=memory_mib,
            environment={"LETTA_PG_POOL_SIZE": "25", "LETTA_PG_MAX_OVERFLOW": "10"},
            secrets=self._environment,
            port_mappings=[aws_ecs.PortMapping(container_port=PORT)],
            logging=aws_ecs.LogDrivers.aws_logs(stream_prefix=name, log_group=log),
        )

    def _queue(self) -> None:
        dead = aws_sqs.Queue(self, "dead", retention_period=cdk.Duration.days(14))
        jobs = aws_sqs.Queue(
            self,
            "jobs",
            visibility_timeout=cdk.Duration.minutes(15),
            enforce_ssl=True,
            dead_letter_queue=aws_sqs.DeadLetterQueue(queue=dead, max_receive_count=5),
        )
        self._alarm("jobs-dead", dead.metric_approximate_number_of_messages_visible(), 1)
        self._alarm("jobs-age", jobs.metric_approximate_age_of_oldest_message(), 3600)

    def _alarm(
        self,
        name: str,
        metric: aws_cloudwatch.IMetric,
        threshold: float,
        comparison: aws_cloudwatch.ComparisonOperator = AT_LEAST,
    ) -> None:
        aws_cloudwatch.Alarm(
            self,
            f"{name}-alarm",
            metric=metric,
            threshold=threshold,
            comparison_operator=comparison,
            evaluation_periods=3,
        ).add_alarm_action(aws_cloudwatch_actions.SnsAction(self._topic))


# What a look-up in the account would give, as a project keeps it in cdk.context.json.
ZONES = {
    f"availability-zones:account={ACCOUNT}:region={REGION}": [
        f"{REGION}{letter}" for letter in "abcdef"
    ]
}
app = cdk.App(context=ZONES)
Letta(app, "letta-medium", cdk.Environment(account=ACCOUNT, region=REGION))
app.synth()
