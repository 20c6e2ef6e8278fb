//! Prints the `OpenAPI` document: `make openapi`.

#![expect(clippy::print_stdout, reason = "printing the document is what this command is for")]

fn main() -> Result<(), serde_json::Error> {
    println!("{}", local::openapi::document()?);
    Ok(())
}
