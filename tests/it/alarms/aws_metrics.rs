//! The metrics that AWS makes by itself, as its guides have them: the alarms and graphs must name them just so, because
//! CloudWatch takes any name and then shows nothing.

/// Metrics, the sets of dimensions that they have, and where AWS says so.
const METRICS: [(&str, &str, &str, &str); 8] = [
    // A REST API has 4XXError and 5XXError instead.
    ("AWS/ApiGateway", "4xx 5xx Count IntegrationLatency Latency DataProcessed", "ApiId; ApiId Stage", API_GATEWAY),
    // `Resource` is the function's name, a colon and the alias.
    (
        "AWS/Lambda",
        "Invocations Errors Throttles Duration ConcurrentExecutions",
        "FunctionName; FunctionName Resource",
        "https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-view.html",
    ),
    (
        "AWS/DynamoDB",
        "ConsumedReadCapacityUnits ConsumedWriteCapacityUnits ReadThrottleEvents WriteThrottleEvents",
        "TableName; GlobalSecondaryIndexName TableName",
        DYNAMODB,
    ),
    ("AWS/DynamoDB", "TransactionConflict", "TableName", DYNAMODB),
    ("AWS/DynamoDB", "SuccessfulRequestLatency SystemErrors ThrottledRequests", "Operation TableName", DYNAMODB),
    ("AWS/Logs", "IncomingBytes IncomingLogEvents", "LogGroupName", LOGS),
    (
        "AWS/EventBridge/Pipes",
        "Invocations EventCount ExecutionFailed ExecutionPartiallyFailed ExecutionTimeout",
        "PipeName",
        "https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-pipes-monitoring.html",
    ),
    (
        "AWS/SQS",
        "ApproximateNumberOfMessagesVisible NumberOfMessagesSent",
        "QueueName",
        "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html",
    ),
];

const API_GATEWAY: &str = "https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-metrics.html";
const DYNAMODB: &str = "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/metrics-dimensions.html";
const LOGS: &str =
    "https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CloudWatch-Logs-Monitoring-CloudWatch-Metrics.html";

/// Panics unless AWS has this metric with these dimensions.
pub fn check(user: &str, namespace: &str, metric: &str, mut dimensions: Vec<&str>) {
    dimensions.sort_unstable();
    let is_named =
        |(space, names, ..): &&(&str, &str, _, _)| *space == namespace && names.split(' ').any(|name| name == metric);
    let Some((.., known, source)) = METRICS.iter().find(is_named) else {
        panic!("{user}: {namespace} {metric} is in no guide that this file names");
    };
    let is_known = known.split("; ").any(|set| set == dimensions.join(" "));
    assert!(is_known, "{user}: {metric} has no {dimensions:?}, see {source}");
}
