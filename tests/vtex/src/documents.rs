//! Orders and order forms as VTEX tells them: written after the shapes of its reference, none of them a real one.

use serde_json::{Value, json};

/// The id of the purchase of [`order`].
pub const ORDER_GROUP: &str = "1172452900788";
/// The id of [`order`].
pub const ORDER_ID: &str = "1172452900788-01";
/// The cart of [`order`], without dashes.
pub const ORDER_FORM_ID: &str = "0a5be4b4b1f14e6db4c4d1d3c2b1a099";
/// The shopper of [`order`].
pub const USER_ID: &str = "6f2d3a30-4c1b-4f3e-9b53-1df0c2c2f7a1";
/// The phone number of [`order`].
pub const PHONE: &str = "+5561999990001";
/// An e-mail address and a name that no log may hold.
pub const EMAIL: &str = "ana.luz@store.example";
/// See [`EMAIL`].
pub const NAME: &str = "Luzia";

/// A paid order of one part, made on 2026-11-20 at 12:00 UTC, worth 199.90 BRL.
#[must_use]
pub fn order() -> Value {
    json!({
        "orderId": ORDER_ID,
        "sequence": "502556",
        "marketplaceOrderId": "",
        "sellerOrderId": "00-1172452900788-01",
        "origin": "Marketplace",
        "affiliateId": "",
        "salesChannel": "1",
        "merchantName": null,
        "status": "payment-approved",
        "statusDescription": "Pagamento Aprovado",
        "value": 19990,
        "creationDate": "2026-11-20T12:00:00.1234567+00:00",
        "lastChange": "2026-11-20T12:05:30.7654321+00:00",
        "orderGroup": ORDER_GROUP,
        "totals": [
            {"id": "Items", "name": "Total dos Itens", "value": 20000},
            {"id": "Discounts", "name": "Total dos Descontos", "value": -1010},
            {"id": "Shipping", "name": "Total do Frete", "value": 1000},
        ],
        "items": [{
            "uniqueId": "87F0945396994B349158C7D9C9941442",
            "id": "287611",
            "productId": "5837",
            "ean": null,
            "quantity": 2,
            "seller": "1",
            "name": "Camiseta Básica",
            "refId": null,
            "price": 10000,
            "listPrice": 10500,
            "sellingPrice": 9495,
            "isGift": false,
            "priceTags": [{"name": "discount", "value": -1010}],
        }],
        "marketplaceItems": [],
        "clientProfileData": {
            "id": "clientProfileData",
            "email": EMAIL,
            "firstName": NAME,
            "lastName": "Prado",
            "documentType": "cpf",
            "document": "21133355524",
            "phone": PHONE,
            "corporateName": null,
            "isCorporate": false,
            "userProfileId": USER_ID,
            "customerClass": null,
        },
        "paymentData": {"transactions": [{"isActive": true, "payments": [{"value": 19990}]}]},
        "sellers": [{"id": "1", "name": "Loja"}],
        "hostname": "acme",
        "orderFormId": ORDER_FORM_ID,
        "isCompleted": true,
        "storePreferencesData": {
            "countryCode": "BRA",
            "currencyCode": "BRL",
            "currencyFormatInfo": {"CurrencyDecimalDigits": 2},
            "currencyLocale": 1046,
            "currencySymbol": "R$",
            "timeZone": "E. South America Standard Time",
        },
        "allowCancellation": false,
        "cancelReason": null,
    })
}

/// [`order`] with members of its own in place of the same ones (`null` included).
#[must_use]
pub fn order_with(members: Value) -> Value {
    let mut document = order();
    if let (Some(document), Value::Object(members)) = (document.as_object_mut(), members) {
        document.extend(members);
    }
    document
}

/// A notification of the hook about an order of `account`.
#[must_use]
pub fn notification(account: &str, order_id: &str, domain: &str) -> Value {
    json!({
        "Domain": domain,
        "OrderId": order_id,
        "State": "payment-approved",
        "LastState": "payment-pending",
        "LastChange": "2026-11-20T12:05:30.7654321Z",
        "CurrentChange": "2026-11-20T12:05:31.0000001Z",
        "Origin": {"Account": account, "Key": "vtexappkey-acme-TEST"},
    })
}

/// The cart [`ORDER_FORM_ID`] before its order: one thing worth 199.90 BRL, of a shopper who takes messages.
#[must_use]
pub fn order_form() -> Value {
    json!({
        "orderFormId": ORDER_FORM_ID,
        "userProfileId": USER_ID,
        "value": 19990,
        "items": [{
            "uniqueId": "87F0945396994B349158C7D9C9941442", "id": "287611", "name": "Camiseta Básica",
            "quantity": 2, "seller": "1", "price": 10000, "listPrice": 10500, "sellingPrice": 9495,
        }],
        "clientProfileData": {"email": EMAIL, "firstName": NAME, "lastName": "Luz", "phone": PHONE},
        "clientPreferencesData": {"locale": "pt-BR", "optinNewsLetter": true},
        "storePreferencesData": {"countryCode": "BRA", "currencyCode": "BRL"},
        "shippingData": {"address": null},
    })
}
