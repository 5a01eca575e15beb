//! The metrics that AWS makes by itself, as its guides have them: the alarms and graphs must name them just so, because
//! CloudWatch takes any name and then shows nothing.

/// A metric, the sets of dimensions that it has, and where AWS says so.
struct AwsMetric {
    namespace: &'static str,
    names: &'static [&'static str],
    dimensions: &'static [&'static [&'static str]],
    source: &'static str,
}

const METRICS: [AwsMetric; 6] = [
    AwsMetric {
        namespace: "AWS/ApiGateway",
        // A REST API has 4XXError and 5XXError instead.
        names: &["4xx", "5xx", "Count", "IntegrationLatency", "Latency", "DataProcessed"],
        dimensions: &[&["ApiId"], &["ApiId", "Stage"]],
        source: "https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-metrics.html",
    },
    AwsMetric {
        namespace: "AWS/Lambda",
        names: &["Invocations", "Errors", "Throttles", "Duration", "ConcurrentExecutions"],
        // `Resource` is the function's name, a colon and the alias.
        dimensions: &[&["FunctionName"], &["FunctionName", "Resource"]],
        source: "https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-view.html",
    },
    AwsMetric {
        namespace: "AWS/DynamoDB",
        names: &[
            "ConsumedReadCapacityUnits",
            "ConsumedWriteCapacityUnits",
            "ReadThrottleEvents",
            "WriteThrottleEvents",
        ],
        dimensions: &[&["TableName"], &["GlobalSecondaryIndexName", "TableName"]],
        source: "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/metrics-dimensions.html",
    },
    AwsMetric {
        namespace: "AWS/DynamoDB",
        names: &["TransactionConflict"],
        dimensions: &[&["TableName"]],
        source: "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/metrics-dimensions.html",
    },
    AwsMetric {
        namespace: "AWS/DynamoDB",
        names: &["SuccessfulRequestLatency", "SystemErrors", "ThrottledRequests"],
        dimensions: &[&["Operation", "TableName"]],
        source: "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/metrics-dimensions.html",
    },
    AwsMetric {
        namespace: "AWS/Logs",
        names: &["IncomingBytes", "IncomingLogEvents"],
        dimensions: &[&["LogGroupName"]],
        source: "https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CloudWatch-Logs-Monitoring-CloudWatch-Metrics.html",
    },
];

/// Panics unless AWS has this metric with these dimensions.
pub fn check(user: &str, namespace: &str, metric: &str, dimensions: &[&str]) {
    let mut dimensions = dimensions.to_vec();
    dimensions.sort_unstable();
    let named = METRICS.iter().find(|known| known.namespace == namespace && known.names.contains(&metric));
    let known = named.unwrap_or_else(|| panic!("{user}: {namespace} {metric} is in no guide that this file names"));
    assert!(
        known.dimensions.contains(&&dimensions[..]),
        "{user}: {metric} has no {dimensions:?}, see {}",
        known.source
    );
}
