"""Reads a workbook that a local stack made with openpyxl, and compares it with the CSV of the same purchases.

read.py PROGRAM [FILE]: the local stack's program, and where the workbook is kept to be looked at. All on loopback, data
in a temporary directory.
"""

import base64
import csv
import datetime
import decimal
import hashlib
import hmac
import io
import json
import re
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request

import openpyxl
import openpyxl.utils.escape

ACCOUNT, ZONE = "workbook", "America/Santiago"
CELL_CHARS = 32_767
TIMES = {"deliveredReminderAt", "readReminderAt", "orderCreatedAt"}
ITEMS = {"checkoutItems", "orderItems"}
SHIRT = {"id": "0007", "name": "Camiseta", "quantity": 2, "price": 5990}
# What each purchase is: user id, currency, minor units, items. Amounts' digits are those of ISO 4217.
PURCHASES = [
    ("00123456789012345678", "CLP", 5000, [SHIRT]),
    ("=1+1;\t@x", "BRL", 19990, [{"id": "=2", "name": "Kit;=1+1;x", "quantity": 1, "price": 19990}]),
    ("-1", "KWD", 1234, [{"id": "k", "name": "a\r\nb\tc <&> _x0041_", "quantity": 3, "price": 411}]),
    # As many and as long as there can be.
    ("most", "BRL", 1, [{"id": f"{n:03}", "name": "🛒" * 100, "quantity": 1, "price": n} for n in range(500)]),
    ("nothing", "BRL", 0, []),
]


def call(base, method, path, body=None, headers=None):
    """One request: what it answered, as bytes."""
    request = urllib.request.Request(urllib.parse.urljoin(base, path), method=method, headers=headers or {})
    if body is not None:
        request.data = body if isinstance(body, bytes) else json.dumps(body).encode()
        request.headers.setdefault("Content-type", "application/json")
    with urllib.request.urlopen(request, timeout=60) as answer:
        return answer.read()


class Store:
    """A store that speaks to the stack as its Admin and as its sender."""

    def __init__(self, base):
        self.base = base
        token = call(base, "GET", f"/local/token?account={ACCOUNT}").decode()
        self.authorization = {"Authorization": f"Bearer {token}"}
        account = {"timeZone": ZONE, "language": "es", "phoneNumberIds": ["5550100"], "storeUrl": "https://shop.example"}
        self.admin("PUT", "/account", account)
        campaign = {"name": "Carritos", "language": "es", "messageType": "text"}
        self.campaign = self.admin("POST", "/campaigns", campaign)["campaignId"]
        secret = self.admin("POST", "/account/signing-secret")["secret"]
        self.key = base64.b64decode(secret.removeprefix("whsec_"))

    def admin(self, method, path, body=None):
        return json.loads(call(self.base, method, path, body, dict(self.authorization)))

    def tell(self, events):
        """Sends CloudEvents: type, instant, data."""
        batch = [
            {"specversion": "1.0", "id": f"{kind}-{n}", "source": "/store", "type": kind, "time": at, "data": data}
            for n, (kind, at, data) in enumerate(events)
        ]
        body, sent = json.dumps(batch).encode(), str(int(time.time()))
        signed = hmac.new(self.key, f"msg_1.{sent}.".encode() + body, hashlib.sha256).digest()
        headers = {
            "Content-type": "application/cloudevents-batch+json",
            "Webhook-id": "msg_1",
            "Webhook-timestamp": sent,
            "Webhook-signature": f"v1,{base64.b64encode(signed).decode()}",
        }
        told = json.loads(call(self.base, "POST", f"/events/{ACCOUNT}", body, headers))
        assert told == {"accepted": len(events), "keptAside": []}, told

    def report(self, kind):
        """The file of a report over all that was told."""
        today = datetime.date.today()
        days = {"from": str(today - datetime.timedelta(days=9)), "to": str(today)}
        asked = self.admin("POST", "/reports", {"email": "ana@shop.example", "format": kind, **days})
        call(self.base, "POST", "/local/drain", b"")
        report = self.admin("GET", f"/reports/{asked['id']}")
        assert (report["status"], report["format"]) == ("mailed", kind), report
        return call(self.base, "GET", self.admin("GET", f"/reports/{asked['id']}/download")["url"])


def purchases(campaign):
    """The events of one conversion for each purchase, over the last days."""
    now = datetime.datetime.now(datetime.timezone.utc)
    for n, (user, currency, value, items) in enumerate(PURCHASES):
        sent = now - datetime.timedelta(days=len(PURCHASES) - n, hours=7)

        def at(minutes, sent=sent):
            return (sent + datetime.timedelta(minutes=minutes)).isoformat(timespec="milliseconds")

        cart = f"{n + 1:032x}"
        reminder = {"reminderId": f"wamid.{n}", "campaignId": campaign, "userId": user, "orderFormId": cart}
        yield "reminder.sent", at(0), {**reminder, "checkoutItems": items}
        yield "reminder.status", at(1), {"reminderId": f"wamid.{n}", "status": "delivered"}
        if n % 2:
            yield "reminder.status", at(2), {"reminderId": f"wamid.{n}", "status": "read"}
            yield "reminder.clicked", at(3), {"reminderId": f"wamid.{n}", "clickId": "1", "kind": "link"}
        order = {"orderGroup": f"o{n}", "orderId": f"o{n}-01", "status": "created", "userId": user, "orderFormId": cart}
        order |= {"createdAt": at(4), "changedAt": at(4), "currency": currency, "value": value, "items": items}
        yield "order.updated", at(4), order


def chars(text):
    """Characters as Excel counts them."""
    return len(text.encode("utf-16-le")) // 2


def check_items(cell, told, currency):
    """A readable line for each item of the CSV; where a cell ends, a mark says how many are left out."""
    items = json.loads(told)
    if not items:
        assert cell.value is None, cell.value
        return
    # openpyxl leaves what Excel reads as an escape.
    lines = openpyxl.utils.escape.unescape(cell.value).split("\n")
    assert chars(cell.value) <= CELL_CHARS, chars(cell.value)
    if len(lines) < len(items):
        mark = re.fullmatch(r"… \+(\d+)", lines.pop())
        assert mark and int(mark[1]) == len(items) - len(lines), (mark, len(lines))
        assert chars(cell.value) > CELL_CHARS - 500, chars(cell.value)
    for item, line in zip(items, lines):
        name = re.sub(r"[\x00-\x1f\x7f-\x9f]", " ", item["name"])
        assert line == f"{item['quantity']} × {name} ({item['id']}): {item['price']} {currency}", line
    assert cell.alignment.wrap_text


def check_cell(column, cell, told, row):
    """One cell beside the CSV's."""
    assert cell.data_type != "f", cell.value
    if column in TIMES:
        expected = datetime.datetime.fromisoformat(told).replace(tzinfo=None) if told else None
        assert cell.value == expected, (cell.value, told)
        assert not told or (cell.is_date and cell.number_format == "yyyy-mm-dd hh:mm:ss"), cell.number_format
    elif column in ITEMS:
        check_items(cell, told, row["currency"])
    elif column == "orderTotal":
        digits = len(told.partition(".")[2])
        assert cell.data_type == "n" and decimal.Decimal(str(cell.value)) == decimal.Decimal(told), (cell.value, told)
        assert cell.number_format == "#,##0" + ("." + "0" * digits if digits else ""), cell.number_format
    elif column == "hasClickedOnReminder":
        assert cell.data_type == "b" and cell.value is (told == "true"), (cell.value, told)
    else:
        assert cell.data_type == "s" and isinstance(cell.value, str), (column, cell.value)


def check(workbook, rows):
    """The workbook holds the rows of the CSV, each cell as its kind."""
    book = openpyxl.load_workbook(io.BytesIO(workbook))
    assert book.sheetnames == ["conversions"], book.sheetnames
    sheet = book.active
    assert sheet.freeze_panes == "A2", sheet.freeze_panes
    assert sheet.auto_filter.ref == f"A1:J{1 + len(rows)}", sheet.auto_filter.ref
    assert (sheet.max_row, sheet.max_column) == (1 + len(rows), 10), sheet.dimensions
    titles = [f"{column} ({ZONE})" if column in TIMES else column for column in rows[0]]
    assert [cell.value for cell in sheet[1]] == titles, [cell.value for cell in sheet[1]]
    for number, row in enumerate(rows):
        for column, cell in zip(row, sheet[2 + number]):
            check_cell(column, cell, row[column], row)
    # Every character as it was told: zeros, digits beyond 15, what looks like a formula.
    users = [sheet.cell(2 + n, 1).value for n in range(len(rows))]
    assert users == [user for user, *_ in PURCHASES], users


def main():
    with tempfile.TemporaryDirectory() as directory:
        command = [sys.argv[1], "--port", "0", "--no-demo", "--data-dir", directory]
        stack = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        try:
            # The line is the stack's promise that it answers.
            base = stack.stdout.readline().strip().removeprefix("listening on ")
            if not base:
                sys.exit("the stack did not start")
            store = Store(base)
            store.tell(list(purchases(store.campaign)))
            call(base, "POST", "/local/drain", b"")
            rows = list(csv.DictReader(io.StringIO(store.report("csv").decode(), newline="")))
            assert len(rows) == len(PURCHASES), len(rows)
            workbook = store.report("xlsx")
            if len(sys.argv) > 2:
                with open(sys.argv[2], "wb") as kept:
                    kept.write(workbook)
            check(workbook, rows)
        finally:
            stack.terminate()
            stack.wait()
    print(f"read {len(rows)} purchases, each cell as the CSV has it")


if __name__ == "__main__":
    main()
