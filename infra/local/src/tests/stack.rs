//! Starting, stopping and starting again.

use aws_sdk_dynamodb::types::AttributeValue;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_ses::{primitives::Blob, types::RawMessage};

use super::{directory, options, start};
use crate::{
    aws::{REPORT_BUCKET, TABLE_NAME},
    functions::Functions,
    stack::{Options, Stack, StackError},
};

#[tokio::test]
async fn data_is_kept_across_restarts() {
    let directory = directory();
    let stack = start(directory.path(), Functions::default()).await;
    let clients = stack.clients().clone();
    let text = |value: &str| AttributeValue::S(value.into());
    let put = clients.dynamodb.put_item().table_name(TABLE_NAME);
    put.item("pk", text("p")).item("sk", text("s")).send().await.unwrap();
    let put = clients.s3.put_object().bucket(REPORT_BUCKET).key("k");
    put.body(ByteStream::from_static(b"report")).send().await.unwrap();
    let mail = "From: a@b.example\r\nTo: c@d.example\r\nSubject: kept\r\n\r\n";
    let message = RawMessage::builder().data(Blob::new(mail)).build().unwrap();
    clients.ses.send_raw_email().raw_message(message).send().await.unwrap();
    let mails = stack.mailbox().list();
    let token = stack.token("store", "admin:read").unwrap();
    stack.shutdown().await;

    let stack = start(directory.path(), Functions::default()).await;
    let clients = stack.clients();
    let get = clients.dynamodb.get_item().table_name(TABLE_NAME);
    assert!(get.key("pk", text("p")).key("sk", text("s")).send().await.unwrap().item.is_some());
    let got = clients.s3.get_object().bucket(REPORT_BUCKET).key("k").send().await.unwrap();
    assert_eq!(got.body.collect().await.unwrap().to_vec(), b"report");
    assert_eq!(stack.mailbox().list(), mails);
    assert_eq!(mails[0].subject, "kept");
    let client = reqwest::Client::new();
    let url = format!("{}/campaigns", stack.base_url());
    let answer = client.get(url).bearer_auth(token).send().await.unwrap();
    assert_ne!(answer.status(), 401, "tokens outlive a restart");
}

#[tokio::test]
async fn a_port_that_is_taken_is_told() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    let directory = directory();
    let outcome =
        Stack::start(Options { port, ..options(directory.path(), Functions::default()) }).await;
    let Err(StackError::PortInUse(told)) = outcome else { panic!("it started") };
    assert_eq!(told, port);
}

#[tokio::test]
async fn a_data_directory_serves_one_stack_at_a_time() {
    let directory = directory();
    let stack = start(directory.path(), Functions::default()).await;
    let second = Stack::start(options(directory.path(), Functions::default())).await;
    assert!(matches!(second, Err(StackError::DataDirInUse(_))));
    stack.shutdown().await;
    start(directory.path(), Functions::default()).await.shutdown().await;
}

#[tokio::test]
async fn several_stacks_live_side_by_side() {
    let (one, two) = (directory(), directory());
    let one = start(one.path(), Functions::default()).await;
    let two = start(two.path(), Functions::default()).await;
    assert_ne!(one.port(), two.port());
    let token = one.token("store", "admin:read").unwrap();
    let client = reqwest::Client::new();
    let url = format!("{}/campaigns", two.base_url());
    let refused = client.get(url).bearer_auth(token).send().await.unwrap();
    assert_eq!(refused.status(), 401, "a token of one stack opens no other");
}
