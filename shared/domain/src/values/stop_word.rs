//! The words by which a shopper says that they want no more messages.

/// The stop words of the three languages, in lower case.
const STOP_WORDS: &[&str] = &["parar", "sair", "stop", "baja", "alto"];

/// Whether a text is nothing but a stop word, in any case and with whatever signs around it (`🛑 PARAR!`).
#[must_use]
pub fn is_stop_word(text: &str) -> bool {
    let word = text.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase();
    STOP_WORDS.contains(&word.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_stop_word_and_nothing_else_is_one() {
        for text in
            ["PARAR", "Sair", "stop", "BAJA", "Alto", " stop \n", "🛑 Parar", "STOP!", "(alto)"]
        {
            assert!(is_stop_word(text), "{text}");
        }
        for text in
            ["", " ", "!", "Comprar", "não parar", "STOP_PROMOTIONS", "stop it", "paraR2", "altos"]
        {
            assert!(!is_stop_word(text), "{text}");
        }
    }

    #[test]
    fn words_are_listed_as_they_are_compared() {
        assert!(STOP_WORDS.iter().all(|word| is_stop_word(word) && word.to_lowercase() == **word));
    }
}
