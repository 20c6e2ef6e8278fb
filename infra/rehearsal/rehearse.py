"""The deployment rehearsal: deploys template.yaml to an emulated AWS and runs a store's whole life through it.

The functions are the binaries that the tests built, each under its own role, whose policies the emulator judges. What
the API answers in the end is compared with totals worked out by hand and with the naive model (tests/src/model.rs).
"""

import argparse
import datetime
import hashlib
import json
import os
import pathlib
import random
import re
import signal
import subprocess
import sys
import time
import urllib.request

from emulator import DIFFERENCES, REGION, ROOT_KEY, Emulator, deploy, until
from store import AUDIENCE, Api, Graph, Issuer, Store

ROOT = pathlib.Path(__file__).resolve().parents[2]
PUBLIC_URL = "https://campaigns.shop.example"
MAIL_FROM = "reports@shop.example"
APP_SECRETS = ["new-app-secret", "old-app-secret"]
PHONE_KEY = "rehearsal-phone-key"
# What the distribution would show.
ORIGIN_SECRET = "rehearsalOriginSecret".ljust(32, "0")
# Random histories, each a store of its own.
HISTORIES = 5
# The poller comes once a second or so, and a debug function starts within a second.
PATIENCE = 20

SKIPPED = [
    "CloudFront: page and API on one origin (the distribution is created; requests go to the API itself, with the "
    "secret that it would add)",
    "VTEX's order hook: nothing answers for VTEX here (the local stack's tests play it)",
    "several shards, windows and their state (the local stack plays them)",
    "throttling and alarms: they are created, nothing triggers them",
]


def main():
    # Ended from outside, it still ends what it started.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended before it was done"))
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--binaries", type=pathlib.Path, required=True)
    arguments.add_argument("--functions", type=pathlib.Path, help="other programs for the functions")
    arguments.add_argument("--seed", type=int, default=random.randrange(2**32))
    arguments = arguments.parse_args()
    print(f"--seed {arguments.seed} repeats the histories of this day", flush=True)
    began = time.monotonic()
    issuer = Issuer()
    graph = Graph(arguments.binaries / "graph-stand-in", APP_SECRETS[0])
    with graph, Emulator() as emulator:
        secret = emulator.client("secretsmanager").create_secret(
            Name="campaigns",
            SecretString=json.dumps(
                {
                    "WHATSAPP_APP_SECRETS": ",".join(APP_SECRETS),
                    "WHATSAPP_VERIFY_TOKEN": "verify-token",
                    "PHONE_KEY_SECRET": PHONE_KEY,
                }
            ),
        )
        emulator.client("ses").verify_email_identity(EmailAddress=MAIL_FROM)
        functions, ids, outputs, resources = deploy(
            emulator,
            ROOT / "template.yaml",
            arguments.functions or arguments.binaries,
            {
                "Architecture": "x86_64",
                "PublicUrl": PUBLIC_URL,
                "MailFrom": MAIL_FROM,
                "MailIdentity": MAIL_FROM,
                "JwtIssuer": issuer.url,
                "JwtAudience": AUDIENCE,
                # Not the defaults, so that a function that wasn't told is found out.
                "AccountClaim": "custom:account",
                "ScopeClaim": "scp",
                "SecretArn": secret["ARN"],
                "StoreUrlSuffixes": "*.shops.example",
                "OriginSecret": ORIGIN_SECRET,
                "OriginSecretDigests": hashlib.sha256(ORIGIN_SECRET.encode()).hexdigest(),
            },
            graph.url,
        )
        deployed = time.monotonic()
        check_tls_only(emulator, outputs["ReportBucketName"])
        api = Api(emulator.port, ids["Api"], ORIGIN_SECRET)
        graph.post_to(api)
        operator = Operator(emulator, arguments.binaries / "ops", outputs)
        tour = Tour(emulator, api, issuer, ids, outputs, operator)
        tour.run()
        carts = Carts(emulator, Store(api, issuer, "carts", "America/Sao_Paulo", 1), graph, ids, operator)
        carts.run()
        stories = [
            Story(emulator, api, issuer, arguments.binaries / "story", arguments.seed + number, number)
            for number in range(HISTORIES)
        ]
        for story in stories:
            story.tell()
        for story in stories:
            story.compare()
        check_roles_sufficed(emulator)
        events = tour.events + carts.events + sum(story.events for story in stories)
        totals = tour.totals + carts.totals + sum(story.totals for story in stories)

    took, spent = deployed - began, time.monotonic() - deployed
    print(f"\ndeployed   {resources} resources in {took:.0f} s; functions: {', '.join(sorted(functions.values()))}")
    print(f"sent       {events} events to {2 + HISTORIES} stores, in {spent:.0f} s with all answers")
    print(f"compared   {totals} totals and {1 + HISTORIES} reports: all as expected; every call was within its role")
    print("otherwise  " + "\n           ".join(DIFFERENCES))
    print("skipped    " + "\n           ".join(SKIPPED))


class Operator:
    """Whoever runs the operator's command, with the stack's outputs and the secret at hand."""

    def __init__(self, emulator, program, outputs):
        self.program = program
        self.environment = {
            "TABLE_NAME": outputs["TableName"],
            "RETENTION_DAYS": outputs["RetentionDays"],
            "PHONE_KEY_SECRET": PHONE_KEY,
            "AWS_ENDPOINT_URL": emulator.url,
            "AWS_REGION": REGION,
            "AWS_ACCESS_KEY_ID": ROOT_KEY,
            "AWS_SECRET_ACCESS_KEY": ROOT_KEY,
        }

    def run(self, *arguments):
        """What the command prints; it must succeed."""
        return subprocess.check_output([self.program, *arguments], env=self.environment, text=True)


class Tour:
    """One reminder by every way in, and the totals that it must come to."""

    def __init__(self, emulator, api, issuer, ids, outputs, operator):
        self.emulator, self.api, self.issuer, self.ids, self.outputs = emulator, api, issuer, ids, outputs
        self.operator = operator
        self.events = self.totals = 0

    def run(self):
        self.gateway()
        store = Store(self.api, self.issuer, "tour", "America/Sao_Paulo", 1)
        (campaign,) = store.campaigns

        # The store's address and number are pending: the one gets no links, what comes for the other waits.
        pending = store.admin("GET", "/account")["pending"]
        assert pending == {"phoneNumberIds": [store.phone_number_id], "storeUrl": "https://shop.example/"}, pending
        cart = "https://shop.example/cart"
        wish = {"campaignId": campaign, "url": cart}
        status, problem = store.signed_status("/sends/tour", "application/json", wish)
        assert (status, problem["code"]) == (409, "store-url-pending"), problem
        self.operator.run("store-url", "confirm", "--account", "tour", "--url", "https://shop.example")
        sent = store.signed("/sends/tour", "application/json", wish)
        token = sent["link"]["token"]
        assert sent["link"]["url"] == f"{PUBLIC_URL}/r/{token}", sent
        # A click that comes before its reminder waits for it.
        status, headers, _ = self.api.call("GET", f"/r/{token}")
        assert (status, headers["Location"]) == (302, cart), (status, headers)
        now = datetime.datetime.now(datetime.timezone.utc)
        hours = lambda number: (now - datetime.timedelta(hours=number)).isoformat(timespec="milliseconds")
        reminder = "wamid.rehearsal"
        item = {"id": "101", "name": "Cotton shirt", "quantity": 2, "price": 5990}
        store.tell([event("reminder.sent", hours(3), {
            "reminderId": reminder, "campaignId": campaign, "orderFormId": "0f1e2d3c4b5a69788796a5b4c3d2e1f0",
            "checkoutItems": [item], "linkToken": token,
        })])
        receipts = [
            {"id": reminder, "status": status, "timestamp": str(int(now.timestamp()) - 3600 * ago)}
            for status, ago in (("delivered", 2), ("read", 1))
        ]
        # Both secrets are valid at once; a third is not.
        assert store.whatsapp(APP_SECRETS[0], {"statuses": receipts[:1]}) == 200
        (aside,) = store.admin("GET", "/events/aside")["items"]
        assert aside["code"] == "number-pending", aside
        told = self.operator.run("number", "confirm", "--account", "tour", "--number", store.phone_number_id)
        assert re.search("1  stored +number-pending", told), told
        assert store.admin("GET", "/account")["pending"] == {"phoneNumberIds": []}
        assert store.whatsapp(APP_SECRETS[1], {"statuses": receipts[1:]}) == 200
        assert store.whatsapp("wrong", {"statuses": receipts}) == 401

        tap = {"type": "button", "id": "wamid.tap", "timestamp": str(int(now.timestamp())), "context": {"id": reminder},
               "button": {"payload": "more", "text": "More"}}
        assert store.whatsapp(APP_SECRETS[0], {"messages": [tap]}) == 200
        nowhere = {**tap, "id": "wamid.nowhere"}
        del nowhere["context"]
        assert store.whatsapp(APP_SECRETS[0], {"messages": [nowhere]}) == 200
        (aside,) = store.admin("GET", "/events/aside")["items"]
        assert aside["code"] == "tap-without-context", aside
        # The click has the second of the call; the order comes after it.
        later = (now + datetime.timedelta(minutes=5)).isoformat(timespec="milliseconds")
        store.tell([event("order.updated", later, {
            "orderGroup": "1001", "orderId": "1001-01", "status": "payment-approved", "createdAt": later,
            "changedAt": later, "orderFormId": "0F1E2D3C-4B5A-6978-8796-A5B4C3D2E1F0", "currency": "BRL",
            "value": 13480, "items": [item],
        })])
        self.events += 7

        expected = {
            "sent": 1, "delivered": 1, "read": 1, "failed": 0, "uniqueClicks": 1, "totalClicks": 2, "optOuts": 0,
            "conversions": {"total": 1, "assisted": 0, "clickThrough": 1},
            "conversionValue": [{"currency": "BRL", "amount": "134.80"}],
            "clickThroughValue": [{"currency": "BRL", "amount": "134.80"}],
        }
        day = (now - datetime.timedelta(hours=6)).date()
        period = {"from": str(day), "to": str(day)}
        settled(lambda: metrics(store, period)["totals"], expected)
        self.totals += leaves(expected)
        why = store.admin("GET", "/orders/1001")
        assert why["credit"]["reminderId"] == reminder, why

        csv = mailed_report(self.emulator, store, period)
        header, row, end = csv.split("\r\n")
        assert header.startswith("userId,deliveredReminderAt,") and end == "", csv
        assert "134.80" in row and ",true," in row and "0f1e2d3c4b5a69788796a5b4c3d2e1f0" in row, row

        self.mail_comes_back(store)

        schedule = store.admin("POST", "/report-schedules", {"email": "ana@shop.example", "frequency": "daily"})
        # The tick, as the schedule sends it, and as if it were the day after tomorrow, when a period has ended.
        ahead = (now + datetime.timedelta(days=2)).isoformat(timespec="seconds")
        self.tick(True)
        assert len(store.admin("GET", "/reports")["items"]) == 1
        self.tick(ahead)
        self.tick(ahead)
        until(lambda: len(mailed(self.emulator)) == 2, PATIENCE, "the scheduled report is mailed")
        (listed,) = store.admin("GET", "/report-schedules")["items"]
        assert listed["id"] == schedule["id"], listed
        store.admin("DELETE", f"/report-schedules/{schedule['id']}")

        store.admin("POST", f"/campaigns/{campaign}/pause")
        status, problem = store.signed_status("/sends/tour", "application/json", wish)
        assert (status, problem["code"]) == (409, "campaign-paused"), problem
        (listed,) = store.admin("GET", "/campaigns")["items"]
        assert listed["status"] == "paused", listed
        changes = store.admin("GET", f"/campaigns/{campaign}/history")["items"]
        assert len(changes) == 2, changes
        # Lets its phone number go.
        store.admin("PUT", "/account", {**store.settings, "phoneNumberIds": []})

    def mail_comes_back(self, store):
        """SES's event of a bounce: the deployed rule takes it, and the worker notes it on its report."""
        (report,) = store.admin("GET", "/reports")["items"]
        mail_set = self.ids["MailFeedback"]
        event = bounced(mail_set, store.account, report["id"], report["email"])
        events = self.emulator.client("events")
        (rule,) = [rule for rule in events.list_rules()["Rules"] if "aws.ses" in rule.get("EventPattern", "")]
        matched = lambda event: events.test_event_pattern(EventPattern=rule["EventPattern"], Event=json.dumps(event))
        assert matched(event)["Result"], rule
        assert not matched(bounced("another", store.account, report["id"], report["email"]))["Result"], rule
        (target,) = events.list_targets_by_rule(Rule=rule["Name"])["Targets"]
        assert target["Arn"].split(":")[6] == self.ids["ReportWorkerFunction"], target
        ses = self.emulator.client("sesv2")
        (destination,) = ses.get_configuration_set_event_destinations(ConfigurationSetName=mail_set)["EventDestinations"]
        assert destination["Enabled"] and "BOUNCE" in destination["MatchingEventTypes"], destination
        self.invoke_worker(event)
        told = store.admin("GET", f"/reports/{report['id']}")
        assert (told["status"], told["returned"]["reason"]) == ("bounced", "mailbox-full"), told

    def tick(self, at):
        self.invoke_worker({"tick": at})

    def invoke_worker(self, event):
        answer = self.emulator.client("lambda").invoke(
            FunctionName=self.ids["ReportWorkerFunction"], Payload=json.dumps(event).encode()
        )
        assert "FunctionError" not in answer, answer["Payload"].read()

    def gateway(self):
        """What the gateway judges itself, and the $default route."""
        status, _, _ = self.api.call("GET", "/campaigns")
        assert status == 401, status
        wrong = self.issuer.token(aud="others", **{"custom:account": "tour", "scp": ["admin:read"]})
        status, _, _ = self.api.call("GET", "/campaigns", headers={"Authorization": f"Bearer {wrong}"})
        assert status == 401, status
        read = self.issuer.token(**{"custom:account": "tour", "scp": ["admin:read"]})
        status, _, problem = self.api.call("PUT", "/account", {}, {"Authorization": f"Bearer {read}"})
        assert (status, problem["code"]) == (403, "insufficient-scope"), problem
        status, _, problem = self.api.call("GET", "/nowhere")
        assert (status, problem["status"]) == (404, 404), problem
        query = "hub.mode=subscribe&hub.verify_token=verify-token&hub.challenge=12345"
        status, _, challenge = self.api.call("GET", f"/webhooks/whatsapp?{query}")
        assert (status, str(challenge)) == (200, "12345"), challenge
        # One route of each function that speaks HTTP, by somebody who goes around the distribution.
        around = {"x-origin-secret": "guessed", "Authorization": f"Bearer {read}"}
        for path in (f"/webhooks/whatsapp?{query}", "/metrics", "/account", "/reports", "/nowhere"):
            status, _, problem = self.api.call("GET", path, headers=around)
            assert (status, problem["code"]) == (403, "not-through-distribution"), (path, problem)


class Carts:
    """Carts that the deployed sender reminds of, or doesn't."""

    def __init__(self, emulator, store, graph, ids, operator):
        self.emulator, self.store, self.graph, self.ids = emulator, store, graph, ids
        self.operator = operator
        self.events = self.totals = 0

    def run(self):
        store, (campaign,) = self.store, self.store.campaigns
        self.operator.run("store-url", "confirm", "--account", "carts", "--url", "https://shop.example")
        connection = {"wabaId": "5550100", "phoneNumberId": "5550100200", "token": "local-whatsapp-token"}
        told = store.admin("PUT", "/account/whatsapp", connection)
        assert told["verifiedName"] == "Loja Exemplo" and "token" not in told, told
        store.admin("POST", "/templates/pt-BR/text", {})
        template = lambda: [
            told["state"] for told in store.admin("GET", "/templates")["items"]
            if (told["language"], told["messageType"]) == ("pt-BR", "text")
        ]
        # Meta's verdict comes by webhook.
        until(lambda: template() == ["approved"], PATIENCE, "the template is approved")
        hours = {day: ["00:00", "24:00"] for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")}
        store.admin("PUT", "/account/sending", {
            "enabled": True, "hours": hours, "cooldownHours": 24, "consent": "recorded",
        })
        store.admin("PATCH", f"/campaigns/{campaign}", {"sending": {"enabled": True}}, {"If-Match": '"1"'})
        status, problem = store.signed_status("/sends/carts", "application/json", {"campaignId": campaign})
        assert (status, problem["code"]) == (409, "campaign-sent-by-system"), problem

        # One goes out, and its statuses come back.
        self.leave(1)
        self.look(lambda: self.figures()["accepted"] == 1, "a cart is reminded of")
        until(lambda: self.statuses() == ["delivered", "sent"], PATIENCE, "the statuses come")
        settled(lambda: self.metrics()["totals"]["delivered"], 1)
        # A paused campaign's cart waits, and says what for.
        store.admin("POST", f"/campaigns/{campaign}/pause")
        self.leave(2)
        cart = lambda: store.admin("GET", f"/carts/{2:032x}")
        self.look(lambda: cart().get("heldBy") == "campaign-paused", "a cart waits for its campaign")
        waiting = cart()
        steps = {step["step"]: step for step in waiting["gate"]["steps"]}
        assert (waiting["state"], steps["campaign"]["reason"]) == ("waiting", "campaign-paused"), waiting
        # Nobody who opted out is written to; a paused campaign would keep that cart, too.
        store.admin("POST", f"/campaigns/{campaign}/resume")
        store.admin("POST", "/opt-outs", {"phone": phone(3)})
        self.leave(3)
        self.look(lambda: self.figures()["skipped"] == [{"reason": "opted-out", "count": 1}], "a cart is skipped")
        expected = {
            "carts": 2, "skipped": [{"reason": "opted-out", "count": 1}], "heldOut": 0, "reminded": 1, "accepted": 1,
            "rejected": 0, "unknown": 0, "unconfirmed": 0,
        }
        settled(self.figures, expected)
        # The list tells them one by one, and the number its cart.
        today = datetime.datetime.now(datetime.timezone.utc).date()
        day = datetime.timedelta(days=1)
        listed = store.admin("GET", f"/carts?from={today - day}&to={today + day}")["items"]
        assert [item["outcome"] for item in listed] == ["skipped", "reminded"], listed
        found = store.admin("POST", "/shoppers/carts", {"phone": phone(3)})["items"]
        assert [item["orderFormId"] for item in found] == [f"{3:032x}"], found
        assert self.statuses() == ["delivered", "sent"], self.graph.bodies
        self.totals += leaves(expected)

    def leave(self, number):
        """A cart that was left two hours ago, told by the store's backend."""
        at = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(hours=2)
        at = at.isoformat(timespec="milliseconds")
        self.store.tell([event("cart.updated", at, {
            "orderFormId": f"{number:032x}", "lastActivityAt": at, "reachedPayment": True, "phone": phone(number),
            "firstName": "Ana", "language": "pt-BR", "currency": "BRL", "value": 11980,
            "consent": {"granted": True, "at": at, "source": "checkout"},
        })])
        self.events += 1

    def tick(self):
        """What each minute's schedules do, at once."""
        answer = self.emulator.client("lambda").invoke(
            FunctionName=self.ids["SenderFunction"], Payload=json.dumps({"shards": list(range(16))}).encode()
        )
        payload = json.loads(answer["Payload"].read())
        assert "FunctionError" not in answer, payload
        return payload

    def look(self, done, what):
        """Ticks until it is done: a schedule's run may have the shard at that moment."""

        def tick():
            self.tick()
            return done()

        until(tick, PATIENCE, what)

    def metrics(self):
        today = datetime.datetime.now(datetime.timezone.utc).date()
        day = datetime.timedelta(days=1)
        return metrics(self.store, {"from": str(today - day), "to": str(today + day)})

    def figures(self):
        return self.metrics()["funnel"]

    def statuses(self):
        """What the stand-in told of messages."""
        changes = [change for body in self.graph.bodies for entry in body["entry"] for change in entry["changes"]]
        return sorted(
            status["status"] for change in changes for status in change["value"].get("statuses", [])
        )


def phone(number):
    return f"+55 11 98555-{number:04}"


class Story:
    """A random history, and what the naive model answers."""

    def __init__(self, emulator, api, issuer, program, seed, number):
        self.emulator, self.totals = emulator, 0
        story = tell(program, seed, [])
        self.store = Store(api, issuer, f"story-{number}", story["timeZone"], len(story["campaigns"]))
        self.story = tell(program, seed, self.store.campaigns)
        self.events = len(self.story["events"])

    def tell(self):
        events = self.story["events"]
        for start in range(0, len(events), 7):
            self.store.tell(events[start : start + 7])

    def compare(self):
        for question in self.story["questions"]:
            settled(lambda: comparable(metrics(self.store, question)), comparable(question["metrics"]))
            self.totals += leaves(question["metrics"])
        everything = self.story["questions"][0]
        csv = mailed_report(self.emulator, self.store, everything)
        assert csv == everything["csv"], f"{csv}\n{everything['csv']}"


def tell(program, seed, campaigns):
    environment = {**os.environ, "PHONE_KEY_SECRET": PHONE_KEY}
    return json.loads(subprocess.check_output([program, str(seed), *campaigns], env=environment))


def event(kind, at, data):
    return {"specversion": "1.0", "id": f"{kind}-{at}", "source": "/store", "type": kind, "time": at, "data": data}


def metrics(store, question):
    campaign = f"&campaignId={question['campaignId']}" if question.get("campaignId") else ""
    return store.admin("GET", f"/metrics?from={question['from']}&to={question['to']}{campaign}")


def comparable(answer):
    """Metrics without what the model doesn't tell, campaigns by id."""
    entries = lambda name: [
        {key: value for key, value in entry.items() if key not in ("settled", "name")} for entry in answer[name]
    ]
    campaigns = sorted(entries("campaigns"), key=lambda entry: entry["campaignId"])
    told = {key: value for key, value in answer.items() if key != "funnel"}
    return {**told, "days": entries("days"), "campaigns": campaigns}


def settled(ask, expected):
    """Waits until the stream is counted: `ask()` then answers `expected`."""
    end = time.monotonic() + PATIENCE
    while (answer := ask()) != expected:
        if time.monotonic() > end:
            raise SystemExit(f"answered {json.dumps(answer)}\nexpected {json.dumps(expected)}")
        time.sleep(0.2)


def leaves(value):
    """Numbers and amounts in an answer."""
    if isinstance(value, dict):
        return sum(leaves(entry) for entry in value.values())
    if isinstance(value, list):
        return sum(leaves(entry) for entry in value)
    return 1


def mailed_report(emulator, store, period):
    """Requests a report and waits for its mail; its file, by way of the download link."""
    request = {"email": "ana@shop.example", "from": period["from"], "to": period["to"]}
    report = store.admin("POST", "/reports", request)["id"]

    def finished():
        told = store.admin("GET", f"/reports/{report}")
        assert told["status"] != "failed", told
        return told["status"] == "mailed"

    until(finished, PATIENCE, "the report is mailed")
    assert mailed(emulator)[-1]["To"] == [request["email"]]
    url = store.admin("GET", f"/reports/{report}/download")["url"]
    return urllib.request.urlopen(url).read().decode()


def bounced(configuration_set, account, report, email):
    """What SES's documentation shows of a bounce, as EventBridge delivers it."""
    return {
        "version": "0",
        "id": "5b0e7ad8-0000-0000-0000-000000000000",
        "detail-type": "Email Bounced",
        "source": "aws.ses",
        "account": "000000000000",
        "time": "2026-11-22T15:00:01Z",
        "region": "us-east-1",
        "resources": [],
        "detail": {
            "eventType": "Bounce",
            "mail": {
                "messageId": "0100018f-example-000000",
                "destination": [email],
                "tags": {"ses:configuration-set": [configuration_set], "account": [account], "report": [report]},
            },
            "bounce": {
                "bounceType": "Transient",
                "bounceSubType": "MailboxFull",
                "bouncedRecipients": [{"emailAddress": email, "action": "failed", "status": "5.2.2"}],
                "timestamp": "2026-11-22T15:00:01.000Z",
            },
        },
    }


def mailed(emulator):
    """The mails so far."""
    accounts = json.load(urllib.request.urlopen(f"{emulator.url}/_ministack/ses/messages"))["messages"]
    return [mail for mails in accounts.values() for mail in mails]


def check_tls_only(emulator, bucket):
    """The bucket refuses plain HTTP to whom it would allow the rest. All here is HTTP, so its policy then goes."""
    policy = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}
    iam = emulator.client("iam")
    iam.create_user(UserName="anybody")
    iam.put_user_policy(UserName="anybody", PolicyName="all", PolicyDocument=json.dumps(policy))
    key = iam.create_access_key(UserName="anybody")["AccessKey"]
    anybody = emulator.client("s3", key["AccessKeyId"], key["SecretAccessKey"])

    def put():
        anybody.put_object(Bucket=bucket, Key="plain", Body=b"")

    try:
        put()
    except anybody.exceptions.ClientError as refused:
        assert refused.response["Error"]["Code"] == "AccessDenied", refused
    else:
        raise AssertionError("the report bucket takes plain HTTP")
    emulator.client("s3").delete_bucket_policy(Bucket=bucket)
    put()


def check_roles_sufficed(emulator):
    """A refused call that a function survived (a warm-up, a retry) is found in its log."""
    refused = [
        line
        for lines in emulator.function_logs().values()
        for line in lines
        if re.search("AccessDenied|not authorized to perform", line)
    ]
    assert not refused, refused[:5]


if __name__ == "__main__":
    main()
