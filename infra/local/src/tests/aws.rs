//! The three services through the real SDK.

use std::time::Duration;

use aws_sdk_dynamodb::types::{AttributeValue, Put, TransactWriteItem, Update};
use aws_sdk_dynamodbstreams::types::ShardIteratorType;
use aws_sdk_s3::{
    presigning::PresigningConfig,
    primitives::ByteStream,
    types::{CompletedMultipartUpload, CompletedPart},
};
use aws_sdk_ses::{primitives::Blob, types::RawMessage};
use serde_json::{Value, json};

use super::{directory, start};
use crate::{
    aws::{Clients, REPORT_BUCKET, TABLE_NAME},
    functions::Functions,
};

fn text(value: &str) -> AttributeValue {
    AttributeValue::S(value.into())
}

async fn send(
    clients: &Clients,
    mail: &[u8],
    to: &str,
) -> Result<
    String,
    aws_sdk_ses::error::SdkError<aws_sdk_ses::operation::send_raw_email::SendRawEmailError>,
> {
    let message = RawMessage::builder().data(Blob::new(mail)).build().unwrap();
    let sent = clients.ses.send_raw_email().destinations(to).raw_message(message).send().await?;
    Ok(sent.message_id)
}

const MAIL: &str = "From: reports@campaigns.invalid\r\nTo: ana@store.example\r\n\
     Subject: =?utf-8?B?UmVsYXTDs3Jpbw==?=\r\nContent-Type: text/plain\r\n\r\nOl\u{e1}\r\n";

#[tokio::test]
async fn a_mail_sent_through_ses_is_in_the_mailbox() {
    let directory = directory();
    let stack = start(directory.path(), Functions::default()).await;
    let id = send(stack.clients(), MAIL.as_bytes(), "ana@store.example").await.unwrap();

    let list: Value = reqwest::get(format!("{}/local/mailbox", stack.base_url()))
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    assert_eq!(list[0]["id"], json!(id));
    assert_eq!(list[0]["to"], "ana@store.example");
    assert_eq!(list[0]["subject"], "Relatório");
    assert!(list[0]["at"].as_str().unwrap().ends_with('Z'));
    let raw = reqwest::get(format!("{}/local/mailbox/{id}", stack.base_url())).await.unwrap();
    assert_eq!(raw.headers()["content-type"], "message/rfc822");
    assert_eq!(raw.bytes().await.unwrap(), MAIL.as_bytes());
    let unknown =
        reqwest::get(format!("{}/local/mailbox/nothing", stack.base_url())).await.unwrap();
    assert_eq!(unknown.status(), 404);
}

#[tokio::test]
async fn ses_refuses_what_the_real_one_refuses() {
    let directory = directory();
    let stack = start(directory.path(), Functions::default()).await;
    let clients = stack.clients();
    let refused = send(clients, MAIL.as_bytes(), "ana").await.unwrap_err().into_service_error();
    assert_eq!(refused.meta().code(), Some("InvalidParameterValue"));
    let refused = send(clients, b"Subject: x\r\n\r\n", "a@b.example").await.unwrap_err();
    assert_eq!(refused.into_service_error().meta().code(), Some("InvalidParameterValue"));
    stack.mailbox().refuse_next(1);
    let refused = send(clients, MAIL.as_bytes(), "a@b.example").await.unwrap_err();
    assert!(refused.into_service_error().is_message_rejected());
    assert!(stack.mailbox().list().is_empty());
    send(clients, MAIL.as_bytes(), "a@b.example").await.unwrap();
}

/// 10 MB as the message is written, one past it, and nothing of the refused one kept.
#[tokio::test]
async fn ses_takes_ten_megabytes_and_not_more() {
    let directory = directory();
    let stack = start(directory.path(), Functions::default()).await;
    let largest = 10 * 1024 * 1024;
    let mut mail = MAIL.as_bytes().to_vec();
    mail.resize(largest, b'x');
    send(stack.clients(), &mail, "a@b.example").await.unwrap();
    mail.push(b'x');
    let refused =
        send(stack.clients(), &mail, "a@b.example").await.unwrap_err().into_service_error();
    assert_eq!(refused.meta().code(), Some("InvalidParameterValue"));
    assert_eq!(stack.mailbox().list().len(), 1);
}

#[tokio::test]
async fn s3_takes_parts_and_gives_them_out_by_a_signed_link() {
    let directory = directory();
    let stack = start(directory.path(), Functions::default()).await;
    let s3 = &stack.clients().s3;
    let upload =
        s3.create_multipart_upload().bucket(REPORT_BUCKET).key("a/r.csv").send().await.unwrap();
    let upload_id = upload.upload_id.unwrap();
    let parts = [vec![b'a'; 5 * 1024 * 1024], b"end".to_vec()];
    let mut completed = CompletedMultipartUpload::builder();
    for (number, part) in (1..).zip(parts.clone()) {
        let sent = s3
            .upload_part()
            .bucket(REPORT_BUCKET)
            .key("a/r.csv")
            .upload_id(&upload_id)
            .part_number(number)
            .body(ByteStream::from(part))
            .send()
            .await
            .unwrap();
        let part = CompletedPart::builder().part_number(number).set_e_tag(sent.e_tag).build();
        completed = completed.parts(part);
    }
    s3.complete_multipart_upload()
        .bucket(REPORT_BUCKET)
        .key("a/r.csv")
        .upload_id(&upload_id)
        .multipart_upload(completed.build())
        .send()
        .await
        .unwrap();

    let presigning = PresigningConfig::expires_in(Duration::from_mins(1)).unwrap();
    let get = s3.get_object().bucket(REPORT_BUCKET).key("a/r.csv");
    let link = get.presigned(presigning).await.unwrap();
    let got = reqwest::get(link.uri()).await.unwrap();
    assert_eq!(got.status(), 200);
    assert_eq!(got.bytes().await.unwrap(), parts.concat());
    // The signature is judged, not waved through.
    let forged = reqwest::get(link.uri().replace("r.csv", "s.csv")).await.unwrap();
    assert_eq!(forged.status(), 403);
}

#[tokio::test]
async fn a_transaction_is_whole_and_its_records_are_in_the_stream() {
    let directory = directory();
    let stack = start(directory.path(), Functions::default()).await;
    let dynamodb = &stack.clients().dynamodb;
    let put = |sk: &str, condition: Option<&str>| {
        let put = Put::builder()
            .table_name(TABLE_NAME)
            .item("pk", text("p"))
            .item("sk", text(sk))
            .set_condition_expression(condition.map(str::to_owned))
            .build()
            .unwrap();
        TransactWriteItem::builder().put(put).build()
    };
    let add = Update::builder()
        .table_name(TABLE_NAME)
        .key("pk", text("p"))
        .key("sk", text("sum"))
        .update_expression("ADD #total :one")
        .expression_attribute_names("#total", "total")
        .expression_attribute_values(":one", AttributeValue::N("1".into()))
        .build()
        .unwrap();
    let add = TransactWriteItem::builder().update(add).build();
    let fresh = Some("attribute_not_exists(pk)");
    dynamodb
        .transact_write_items()
        .transact_items(put("a", fresh))
        .transact_items(add.clone())
        .send()
        .await
        .unwrap();
    let refused = dynamodb
        .transact_write_items()
        .transact_items(add)
        .transact_items(put("a", fresh))
        .send()
        .await
        .unwrap_err()
        .into_service_error();
    assert!(refused.is_transaction_canceled_exception());

    let streams = &stack.clients().dynamodb_streams;
    let described = dynamodb.describe_table().table_name(TABLE_NAME).send().await.unwrap();
    let arn = described.table.unwrap().latest_stream_arn.unwrap();
    let stream = streams.describe_stream().stream_arn(&arn).send().await.unwrap();
    let shard = stream.stream_description.unwrap().shards.unwrap().remove(0).shard_id.unwrap();
    let iterator = streams
        .get_shard_iterator()
        .stream_arn(&arn)
        .shard_id(shard)
        .shard_iterator_type(ShardIteratorType::TrimHorizon)
        .send()
        .await
        .unwrap();
    let records = streams
        .get_records()
        .shard_iterator(iterator.shard_iterator.unwrap())
        .send()
        .await
        .unwrap();
    let keys: Vec<String> = records
        .records
        .unwrap()
        .iter()
        .map(|record| {
            let keys = record.dynamodb.as_ref().unwrap().keys.as_ref().unwrap();
            keys["sk"].as_s().unwrap().clone()
        })
        .collect();
    assert_eq!(keys, ["a", "sum"]);
}

#[tokio::test]
async fn the_table_is_the_templates() {
    let directory = directory();
    let stack = start(directory.path(), Functions::default()).await;
    let dynamodb = &stack.clients().dynamodb;
    let table =
        dynamodb.describe_table().table_name(TABLE_NAME).send().await.unwrap().table.unwrap();
    assert_eq!(table.global_secondary_indexes.unwrap()[0].index_name.as_deref(), Some("byDay"));
    assert_eq!(
        table.stream_specification.unwrap().stream_view_type.unwrap().as_str(),
        "NEW_AND_OLD_IMAGES"
    );
    let expiry = dynamodb.describe_time_to_live().table_name(TABLE_NAME).send().await.unwrap();
    let expiry = expiry.time_to_live_description.unwrap();
    assert_eq!(expiry.attribute_name.as_deref(), Some("expiresAt"));
    assert_eq!(expiry.time_to_live_status.unwrap().as_str(), "ENABLED");
}

/// The engine's two queries on its stream records, word for word as in the pinned version. A new version has to be
/// looked at: whether it still asks like this, and whether the index is still needed.
#[tokio::test]
async fn the_engines_stream_queries_use_our_index() {
    let lock = include_str!("../../../../Cargo.lock");
    assert!(
        lock.contains("name = \"dynoxide-rs\"\nversion = \"3.2.0\""),
        "look at the stream queries in storage.rs of the new version, then here"
    );
    let directory = directory();
    let stack = start(directory.path(), Functions::default()).await;
    stack.shutdown().await;
    let connection = rusqlite::Connection::open(directory.path().join("dynamodb.sqlite")).unwrap();
    let plan = |query: &str| -> String {
        let mut statement = connection.prepare(&format!("EXPLAIN QUERY PLAN {query}")).unwrap();
        let count = statement.parameter_count();
        let parameters = rusqlite::params_from_iter(vec!["1"; count]);
        let rows = statement.query_map(parameters, |row| row.get::<_, String>(3)).unwrap();
        rows.map(Result::unwrap).collect::<Vec<_>>().join("; ")
    };
    for query in [
        "SELECT COALESCE(MAX(CAST(sequence_number AS INTEGER)), 0) + 1 FROM _stream_records WHERE table_name = ?1",
        "SELECT event_name, keys_json, new_image, old_image, sequence_number, created_at, user_identity, event_id
             FROM _stream_records
             WHERE table_name = ?1 AND shard_id = ?2 AND CAST(sequence_number AS INTEGER) > ?3
             ORDER BY CAST(sequence_number AS INTEGER) ASC
             LIMIT ?4",
    ] {
        let plan = plan(query);
        assert!(plan.contains("stream_records_by_sequence"), "{plan}");
        assert!(!plan.contains("SCAN") && !plan.contains("TEMP B-TREE"), "{plan}");
    }
}
