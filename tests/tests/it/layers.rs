//! The layers: which crate may use which, and which module of a crate which other.
//!
//! The compiler refuses circles between crates. It lets a manifest name a layer above, and modules
//! of one crate use each other as they like.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

use serde_json::Value;

/// The crates of `shared/` that build on each other: each may use those before it.
const LAYERS: [&str; 6] = ["domain", "telemetry", "runtime", "store", "counting", "vtex"];
/// Those on top, which may use all layers and not each other.
const ON_TOP: [&str; 4] = ["web", "graph", "intake", "judging"];
/// The modules of `domain`: each may use those before it.
const DOMAIN: [&str; 5] = ["values", "facts", "rules", "reports", "activity"];
/// How the names of crates begin that have to do with AWS, HTTP or a runtime.
const OUTSIDE: [&str; 8] =
    ["aws-", "http", "hyper", "tokio", "axum", "tower", "reqwest", "lambda_"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

static METADATA: LazyLock<Value> = LazyLock::new(|| {
    // Crates for other systems are never downloaded.
    let platform = format!("{}-unknown-linux-gnu", std::env::consts::ARCH);
    let told = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .args(["metadata", "--locked", "--offline", "--format-version", "1"])
        .args(["--filter-platform", &platform])
        .current_dir(root())
        .output()
        .unwrap();
    assert!(told.status.success(), "{}", String::from_utf8_lossy(&told.stderr));
    serde_json::from_slice(&told.stdout).unwrap()
});

fn list(value: &'static Value) -> impl Iterator<Item = &'static Value> {
    value.as_array().unwrap().iter()
}

/// A crate of the workspace.
struct OwnCrate {
    name: &'static str,
    /// From the workspace's root.
    directory: PathBuf,
    /// The crates of the workspace that its manifest names, those of its tests among them.
    uses: Vec<&'static str>,
}

fn own_crates() -> Vec<OwnCrate> {
    let own = list(&METADATA["packages"]).filter(|package| package["source"].is_null());
    own.map(|package| {
        let manifest = Path::new(package["manifest_path"].as_str().unwrap());
        let dependencies = list(&package["dependencies"]);
        OwnCrate {
            name: package["name"].as_str().unwrap(),
            directory: manifest.parent().unwrap().strip_prefix(root()).unwrap().to_owned(),
            uses: dependencies
                .filter(|dependency| dependency["source"].is_null())
                .map(|dependency| dependency["name"].as_str().unwrap())
                .collect(),
        }
    })
    .collect()
}

/// The crates of which `directory` holds each in a folder of its own.
fn crates_in(directory: &str) -> Vec<OwnCrate> {
    let mut crates = own_crates();
    crates.retain(|own| own.directory.parent() == Some(Path::new(directory)));
    assert!(!crates.is_empty());
    crates
}

#[test]
fn a_common_crate_uses_the_layers_below_alone() {
    for OwnCrate { name, uses, .. } in crates_in("shared") {
        let below = match LAYERS.iter().position(|layer| *layer == name) {
            Some(place) => &LAYERS[..place],
            None if ON_TOP.contains(&name) => &LAYERS,
            None => panic!("which layer is {name}?"),
        };
        for used in uses {
            assert!(below.contains(&used), "{name} uses {used}; it may use {below:?}");
        }
    }
}

#[test]
fn a_function_uses_the_common_crates_by_one_name() {
    for OwnCrate { name, uses, .. } in crates_in("functions") {
        assert_eq!(uses, ["shared"], "{name}");
    }
}

/// Nothing below `domain` knows AWS, HTTP or a runtime.
#[test]
fn the_domain_is_pure_down_to_its_last_dependency() {
    let mut uses: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for node in list(&METADATA["resolve"]["nodes"]) {
        let dependencies = list(&node["deps"])
            .filter(|dependency| list(&dependency["dep_kinds"]).any(|kind| kind["kind"].is_null()));
        let ids = dependencies.map(|dependency| dependency["pkg"].as_str().unwrap()).collect();
        uses.insert(node["id"].as_str().unwrap(), ids);
    }
    let packages = list(&METADATA["packages"]);
    let names: BTreeMap<&str, &str> = packages
        .map(|package| (package["id"].as_str().unwrap(), package["name"].as_str().unwrap()))
        .collect();
    let domain = names.iter().find(|(_, name)| **name == "domain").unwrap().0;

    let (mut seen, mut waiting) = (BTreeSet::new(), vec![*domain]);
    while let Some(id) = waiting.pop() {
        if seen.insert(id) {
            waiting.extend(&uses[id]);
        }
    }
    assert!(seen.len() > 10, "{seen:?}");
    for id in seen {
        let name = names[id];
        assert!(!OUTSIDE.iter().any(|outside| name.starts_with(outside)), "domain uses {name}");
    }
}

#[test]
fn a_module_of_the_domain_uses_those_below_alone() {
    let uses = uses_of_modules(&root().join("shared/domain/src"), "");
    for (module, used) in &uses {
        let place = DOMAIN.iter().position(|layer| layer == module);
        let below = &DOMAIN[..place.unwrap_or_else(|| panic!("which layer is {module}?"))];
        for used in used {
            assert!(below.contains(&used.as_str()), "{module} uses {used}");
        }
    }
    assert_eq!(uses.len(), DOMAIN.len(), "{uses:?}");
}

#[test]
fn modules_do_not_use_each_other_in_circles() {
    let mut crates = crates_in("shared");
    crates.extend(crates_in("functions"));
    let mut looked_at = 0;
    for own in crates {
        let source = root().join(&own.directory).join("src");
        for parent in parents(&source) {
            let uses = uses_of_modules(&source, &parent);
            let circle = uses.keys().find_map(|module| circle_through(module, &uses));
            assert_eq!(circle, None, "a circle in {} {parent}", own.name);
            looked_at += usize::from(uses.len() > 1);
        }
    }
    assert!(looked_at > 20, "{looked_at}");
}

/// The modules of a crate that have modules of their own, as `a::b::`; the root is the empty one.
fn parents(source: &Path) -> Vec<String> {
    let mut parents = vec![String::new()];
    let mut files = Vec::new();
    files_below(source, 1, &mut files);
    for (file, _) in files {
        let folder = file.with_extension("");
        if let Some(path) = folder.strip_prefix(source).ok().filter(|_| folder.is_dir()) {
            parents.push(format!("{}::", path.to_str().unwrap().replace('/', "::")));
        }
    }
    parents
}

/// Which modules of a parent use which others of them, tests aside. What the parent itself defines (a
/// function's `Deps`) is no module; what it re-exports counts as its module's.
fn uses_of_modules(source: &Path, parent: &str) -> BTreeMap<String, BTreeSet<String>> {
    let folder = source.join(parent.replace("::", "/"));
    let file = if parent.is_empty() { source.join("lib.rs") } else { folder.with_extension("rs") };
    let lib = code(&std::fs::read_to_string(file).unwrap());
    let modules: BTreeSet<&str> = lib.lines().filter_map(module_of_line).collect();
    let re_exported = re_exports(&lib, &modules);
    let mut uses = BTreeMap::new();
    for module in &modules {
        let mut files = vec![(folder.join(format!("{module}.rs")), 1)];
        files_below(&folder.join(module), 2, &mut files);
        let of_this: &mut BTreeSet<String> = uses.entry((*module).to_owned()).or_default();
        for (file, depth) in files {
            let text = code(&std::fs::read_to_string(file).unwrap());
            for name in names_of_parent(&text, parent, depth) {
                let found = modules.get(name).or_else(|| re_exported.get(name)).copied();
                of_this.extend(found.filter(|found| found != module).map(str::to_owned));
            }
        }
    }
    uses
}

/// The source files below a directory, each with how many steps its module lies below the root.
fn files_below(directory: &Path, depth: usize, files: &mut Vec<(PathBuf, usize)>) {
    let Ok(entries) = std::fs::read_dir(directory) else { return };
    for path in entries.map(|entry| entry.unwrap().path()) {
        if path.is_dir() {
            files_below(&path, depth + 1, files);
        } else if path.file_name().is_some_and(|name| name != "tests.rs") {
            files.push((path, depth));
        }
    }
}

/// A file without comments and tests.
fn code(text: &str) -> String {
    let lines = text.lines().filter(|line| !line.trim_start().starts_with("//"));
    let text: String = lines.flat_map(|line| [line, "\n"]).collect();
    let mut parts = text.split("#[cfg(test)]\n");
    let mut code = parts.next().unwrap().to_owned();
    for part in parts {
        match part.split_once('\n') {
            // Its file is another one.
            Some((line, rest)) if line.ends_with(';') => code.push_str(rest),
            // A module of tests ends its file.
            Some((line, _)) if line.starts_with("mod ") => break,
            _ => code.push_str(part),
        }
    }
    code
}

fn module_of_line(line: &str) -> Option<&str> {
    let declared = line.strip_prefix("pub mod ").or_else(|| line.strip_prefix("mod "))?;
    declared.strip_suffix(';')
}

/// The names that a crate's root takes from its modules, each with the module.
fn re_exports<'a>(lib: &'a str, modules: &BTreeSet<&'a str>) -> BTreeMap<&'a str, &'a str> {
    let mut names = BTreeMap::new();
    for (at, _) in lib.match_indices("use ") {
        let (taken, _) = lib[at + 4..].split_once(';').unwrap();
        let mut words = taken.split(|c: char| !is_word(c)).filter(|word| !word.is_empty());
        if let Some(module) = words.next().and_then(|first| modules.get(first)) {
            names.extend(words.map(|word| (word, *module)));
        }
    }
    names
}

/// The names that a file takes from a parent, by its path from the root or by as many `super::` as it
/// lies below it.
fn names_of_parent<'a>(text: &'a str, parent: &str, depth: usize) -> Vec<&'a str> {
    let above = "super::".repeat(depth);
    let mut names = Vec::new();
    for prefix in [&format!("crate::{parent}"), &above] {
        for (at, _) in text.match_indices(prefix) {
            if text[..at].ends_with(|c| is_word(c) || c == ':') {
                continue;
            }
            let after = &text[at + prefix.len()..];
            match after.strip_prefix('{') {
                Some(list) => names.extend(first_words(list)),
                None => names.push(word(after)),
            }
        }
    }
    names
}

/// The first word of each entry of a `{…}` list, which may hold lists itself.
fn first_words(list: &str) -> Vec<&str> {
    let (mut depth, mut start, mut words) = (0_usize, 0, Vec::new());
    for (at, c) in list.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth > 0 => depth -= 1,
            ',' | '}' if depth == 0 => {
                words.push(word(list[start..at].trim_start()));
                start = at + 1;
                if c == '}' {
                    break;
                }
            }
            _ => {}
        }
    }
    words
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

fn word(text: &str) -> &str {
    &text[..text.find(|c| !is_word(c)).unwrap_or(text.len())]
}

/// A way from a module back to itself.
fn circle_through(start: &str, uses: &BTreeMap<String, BTreeSet<String>>) -> Option<Vec<String>> {
    let mut seen = BTreeSet::new();
    let mut ways = vec![vec![start.to_owned()]];
    while let Some(way) = ways.pop() {
        for next in uses.get(way.last().unwrap()).into_iter().flatten() {
            let longer = [way.as_slice(), std::slice::from_ref(next)].concat();
            if next == start {
                return Some(longer);
            }
            if seen.insert(next) {
                ways.push(longer);
            }
        }
    }
    None
}

#[test]
fn what_a_file_takes_from_its_root_is_found() {
    let text = code(
        "use crate::a::B;\n\
         use crate::{c::{D, E}, f, Table};\n\
         use super::g::H;\nuse super::super::i;\n\
         // crate::not\nfn x() -> crate::j::K { other_crate::l::m() }\n\
         #[cfg(test)]\nmod tests;\nuse crate::n;\n\
         #[cfg(test)]\nmod more {\n    use crate::not;\n}\n",
    );
    assert_eq!(names_of_parent(&text, "", 1), ["a", "c", "f", "Table", "j", "n", "g", "super"]);
    assert_eq!(names_of_parent(&text, "", 2), ["a", "c", "f", "Table", "j", "n", "i"]);
    let nested = "use crate::c::d::E;\nuse crate::c::{f, g::H};\nuse super::i;\n";
    assert_eq!(names_of_parent(nested, "c::", 1), ["d", "f", "g", "i"]);
    let uses = [("a", vec!["b"]), ("b", vec!["c"]), ("c", vec!["b"])];
    let uses =
        uses.map(|(of, used)| (of.to_owned(), used.into_iter().map(str::to_owned).collect()));
    let circle = |start: &str| circle_through(start, &BTreeMap::from(uses.clone()));
    assert_eq!(circle("a"), None);
    assert_eq!(circle("b").unwrap(), ["b", "c", "b"]);
}
