//! Who and what takes part: few of each, with texts that are hard on keys, JSON and CSV.

use crate::raw_event::RawItem;

/// The last one never sends.
pub const CAMPAIGNS: [&str; 3] = ["spring", "autumn", "idle"];

/// Ids that differ only in case or by one byte, so that ties show how they are compared.
pub const REMINDERS: [&str; 6] = [
    "wamid.HBgMNTU2MUEjA=",
    "wamid.HBgMNTU2MUEja=",
    "wamid.HBgMNTU2MUEj+=",
    "wamid.HBgMNTU2MUEj/=",
    "wamid.HBgMNTU2MUEjZ=",
    "wamid.HBgMNTU2MUEj",
];

/// Purchases; equal ones in another case are others.
pub const ORDERS: [&str; 4] = ["1172452900788", "1172452900789", "SLR-7", "slr-7"];

/// Parts of each.
pub const PARTS: [&str; 3] = ["01", "02", "10"];

/// Taps; the same ids on every reminder.
pub const CLICKS: [&str; 3] = ["tap.1", "tap.2", "tap.3"];

/// A person with every notation of their phone and cart.
pub struct Shopper {
    pub user: &'static str,
    pub phones: [&'static str; 3],
    pub carts: [&'static str; 3],
}

pub const SHOPPERS: [Shopper; 4] = [
    Shopper {
        user: "ana",
        phones: ["5561999990001", "+55 61 99999-0001", "+55 (61) 9.9999.0001"],
        carts: [
            "0f1e2d3c4b5a69788796a5b4c3d2e1f0",
            "0F1E2D3C-4B5A-6978-8796-A5B4C3D2E1F0",
            "0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0",
        ],
    },
    Shopper {
        user: "=HYPERLINK(\"https://evil.example\")",
        phones: ["56911112222", "+56 9 1111 2222", "56-9-1111-2222"],
        carts: ["@carrinho", "@Carrinho", "@CARR-INHO"],
    },
    // Eight digits are the fewest, and `Ana` is not `ana`.
    Shopper {
        user: "Ana",
        phones: ["40028922", "4002-8922", "(40) 02 89 22"],
        carts: ["a", "A", "-a-"],
    },
    // Seven digits are no phone, and a dash alone is no cart.
    Shopper {
        user: "\tdora; \"d\", \u{1f6d2}\r\n",
        phones: ["4002892", "400-2892", "+4002892"],
        carts: ["", "-", "--"],
    },
];

/// Texts that name nobody.
pub const NOBODY: [Option<&str>; 3] = [None, None, Some("")];

pub const STATUSES: [&str; 12] = [
    "payment-approved",
    "payment-approved",
    "payment-approved",
    "created",
    "invoiced",
    "request-cancel",
    "canceled",
    "incomplete",
    "",
    "handling",
    "replaced",
    "order-creation-error",
];

pub const CURRENCIES: [&str; 7] = ["BRL", "BRL", "BRL", "CLP", "KWD", "USD", "JPY"];

/// The last one is the greatest that is admitted.
pub const VALUES: [i64; 6] = [19_990, 5_000, 1, 99, 0, 1_000_000_000_000];

/// How many lists [`items`] knows.
pub const ITEM_LISTS: usize = 6;

/// One of the carts that people fill. The last two differ only behind what is kept of them.
pub fn items(list: usize) -> Vec<RawItem> {
    let item = |id: &str, name: &str, quantity, price| RawItem {
        id: id.to_owned(),
        name: name.to_owned(),
        quantity,
        price,
    };
    let long = |end: &str| item(&("i".repeat(100) + end), &("ñ".repeat(200) + end), 3, 1);
    match list {
        0 => vec![],
        1 => vec![item("sku-1", "Camiseta", 1, 9_990)],
        2 => vec![
            item("sku-1", "Camiseta", 1, 9_990),
            item("sku-2", "T\u{ea}nis \"Veloz\", 42; azul", 2, 19_990),
        ],
        3 => vec![item("\\ / \u{7f}", "a\r\nb\tc\u{1}\u{8}\u{c}\u{2028}\u{1f6d2}", 1_000_000, 0)],
        4 => vec![long("x")],
        _ => vec![long("yy")],
    }
}
