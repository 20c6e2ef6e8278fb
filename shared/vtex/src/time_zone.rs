//! Windows zone names, which VTEX calls a store's time zone by.
//!
//! Nothing is counted by them: an account's zone is what was set up (R1). They say, while a store is
//! being connected, which zone it probably means.

use chrono_tz::Tz;

/// The zones that Windows names stand for where no country is given: Unicode CLDR's
/// `windowsZones.xml`, territory 001, for the parts of the world in which VTEX has stores.
const ZONES: &[(&str, Tz)] = &[
    // The Americas
    ("Hawaiian Standard Time", Tz::Pacific__Honolulu),
    ("Alaskan Standard Time", Tz::America__Anchorage),
    ("Pacific Standard Time (Mexico)", Tz::America__Tijuana),
    ("Pacific Standard Time", Tz::America__Los_Angeles),
    ("US Mountain Standard Time", Tz::America__Phoenix),
    ("Mountain Standard Time (Mexico)", Tz::America__Mazatlan),
    ("Mountain Standard Time", Tz::America__Denver),
    ("Central America Standard Time", Tz::America__Guatemala),
    ("Central Standard Time", Tz::America__Chicago),
    ("Easter Island Standard Time", Tz::Pacific__Easter),
    ("Central Standard Time (Mexico)", Tz::America__Mexico_City),
    ("Canada Central Standard Time", Tz::America__Regina),
    ("SA Pacific Standard Time", Tz::America__Bogota),
    ("Eastern Standard Time (Mexico)", Tz::America__Cancun),
    ("Eastern Standard Time", Tz::America__New_York),
    ("US Eastern Standard Time", Tz::America__Indiana__Indianapolis),
    ("Paraguay Standard Time", Tz::America__Asuncion),
    ("Atlantic Standard Time", Tz::America__Halifax),
    ("Venezuela Standard Time", Tz::America__Caracas),
    ("Central Brazilian Standard Time", Tz::America__Cuiaba),
    ("SA Western Standard Time", Tz::America__La_Paz),
    ("Pacific SA Standard Time", Tz::America__Santiago),
    ("Newfoundland Standard Time", Tz::America__St_Johns),
    ("Tocantins Standard Time", Tz::America__Araguaina),
    ("E. South America Standard Time", Tz::America__Sao_Paulo),
    ("SA Eastern Standard Time", Tz::America__Cayenne),
    ("Argentina Standard Time", Tz::America__Argentina__Buenos_Aires),
    ("Montevideo Standard Time", Tz::America__Montevideo),
    ("Magallanes Standard Time", Tz::America__Punta_Arenas),
    ("Bahia Standard Time", Tz::America__Bahia),
    ("UTC-02", Tz::Etc__GMTPlus2),
    ("UTC", Tz::Etc__UTC),
    // Europe
    ("Azores Standard Time", Tz::Atlantic__Azores),
    ("GMT Standard Time", Tz::Europe__London),
    ("W. Europe Standard Time", Tz::Europe__Berlin),
    ("Central Europe Standard Time", Tz::Europe__Budapest),
    ("Romance Standard Time", Tz::Europe__Paris),
    ("Central European Standard Time", Tz::Europe__Warsaw),
    ("GTB Standard Time", Tz::Europe__Bucharest),
    ("E. Europe Standard Time", Tz::Europe__Chisinau),
    ("FLE Standard Time", Tz::Europe__Kyiv),
    ("Turkey Standard Time", Tz::Europe__Istanbul),
];

/// The zone that a Windows name stands for; an IANA name stands for itself.
#[must_use]
pub fn of(name: &str) -> Option<Tz> {
    let name = name.trim();
    let windows = ZONES.iter().find(|(windows, _)| windows.eq_ignore_ascii_case(name));
    windows.map(|(_, zone)| *zone).or_else(|| name.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_windows_name_is_a_zone() {
        assert_eq!(of("E. South America Standard Time"), Some(Tz::America__Sao_Paulo));
        assert_eq!(of(" pacific sa standard time "), Some(Tz::America__Santiago));
        assert_eq!(of("America/Bogota"), Some(Tz::America__Bogota));
        assert_eq!(of("UTC"), Some(Tz::Etc__UTC));
        for unknown in ["", "E. South America", "Mars Standard Time"] {
            assert_eq!(of(unknown), None, "{unknown:?}");
        }
    }

    #[test]
    fn no_name_is_listed_twice() {
        for (index, (name, _)) in ZONES.iter().enumerate() {
            assert!(!ZONES.iter().skip(index + 1).any(|(other, _)| other == name), "{name}");
        }
    }
}
