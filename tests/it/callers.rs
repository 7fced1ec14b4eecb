//! Code that only tests call: a function of the sources whose name nothing of the sources, the benchmarks or
//! the program says again is found here. Functions that share a name hide each other; the list is short of
//! some, and never wrong.

use crate::tidy::sources;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use syn::visit::{self, Visit};

/// Functions that nothing calls yet: rules that the intake, plans and publishing are to ask alike.
const AWAITED: [&str; 4] = ["check_plan", "draw_at_most", "eligible_days", "list_spans"];

/// The names that one file says, and the functions that it makes.
#[derive(Default)]
struct Names {
    said: BTreeMap<String, usize>,
    functions: Vec<String>,
}

impl Names {
    fn words(&mut self, text: &str) {
        let words = text.split(|c: char| !c.is_alphanumeric() && c != '_');
        words.for_each(|word| *self.said.entry(word.to_owned()).or_default() += 1);
    }
}

fn is_for_tests(attributes: &[syn::Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        attribute.path().is_ident("test")
            || (attribute.path().is_ident("cfg")
                && attribute.parse_args::<syn::Ident>().is_ok_and(|what| what == "test"))
    })
}

impl<'ast> Visit<'ast> for Names {
    fn visit_ident(&mut self, ident: &'ast syn::Ident) {
        *self.said.entry(ident.to_string()).or_default() += 1;
    }

    fn visit_macro(&mut self, found: &'ast syn::Macro) {
        self.words(&found.tokens.to_string());
        visit::visit_macro(self, found);
    }

    fn visit_attribute(&mut self, found: &'ast syn::Attribute) {
        // names in attributes, like serde's `deserialize_with`; not those in doc comments
        if !found.path().is_ident("doc")
            && let syn::Meta::List(list) = &found.meta
        {
            self.words(&list.tokens.to_string());
        }
    }

    fn visit_item(&mut self, item: &'ast syn::Item) {
        let attributes = match item {
            syn::Item::Fn(item) => &item.attrs,
            syn::Item::Mod(item) => &item.attrs,
            syn::Item::Impl(item) => &item.attrs,
            syn::Item::Use(item) => &item.attrs,
            _ => &Vec::new(),
        };
        if !is_for_tests(attributes) {
            visit::visit_item(self, item);
        }
    }

    fn visit_item_fn(&mut self, item: &'ast syn::ItemFn) {
        self.functions.push(item.sig.ident.to_string());
        visit::visit_item_fn(self, item);
    }

    fn visit_item_impl(&mut self, item: &'ast syn::ItemImpl) {
        // what a trait asks for is called through the trait
        if item.trait_.is_none() {
            for inner in &item.items {
                if let syn::ImplItem::Fn(function) = inner
                    && !is_for_tests(&function.attrs)
                {
                    self.functions.push(function.sig.ident.to_string());
                }
            }
        }
        visit::visit_item_impl(self, item);
    }
}

/// The functions among these files that nothing says again.
fn uncalled(files: &[(String, bool)]) -> Vec<String> {
    let mut said: BTreeMap<String, usize> = BTreeMap::new();
    let mut functions = Vec::new();
    for (text, is_source) in files {
        let mut names = Names::default();
        names.visit_file(&syn::parse_file(text).expect("Rust"));
        names.said.into_iter().for_each(|(name, n)| *said.entry(name).or_default() += n);
        functions.extend(names.functions.into_iter().filter(|_| *is_source));
    }
    functions.retain(|name| said[name] == 1 && name != "main");
    functions.sort();
    functions
}

#[test]
fn no_function_is_called_by_tests_alone() {
    let mut files = Vec::new();
    for folder in ["src", "benches"] {
        let mut paths: Vec<PathBuf> = Vec::new();
        sources(Path::new(folder), &mut paths);
        let is_test = |path: &PathBuf| path.iter().any(|at| at == "tests" || at == "tests.rs");
        paths.retain(|path| !is_test(path));
        assert!(!paths.is_empty(), "{folder} has sources");
        let read = |path: &PathBuf| std::fs::read_to_string(path).expect("readable");
        files.extend(paths.iter().map(|path| (read(path), folder == "src")));
    }
    assert_eq!(uncalled(&files), AWAITED);
}

#[test]
fn functions_that_only_tests_call_are_seen() {
    let source = "fn main() { called(); println!(\"{}\", in_macro()); }
        fn called() {}
        fn in_macro() -> u8 { 0 }
        /// Not [`only_in_words`].
        fn only_in_words() {}
        struct S;
        impl S { fn method(&self) {} fn used(&self) {} }
        impl Drop for S { fn drop(&mut self) { self.used(); } }
        #[cfg(test)] mod tests { fn t() { only_in_words(); S.method(); helper() } }
        #[cfg(test)] fn helper() {}";
    assert_eq!(uncalled(&[(source.to_owned(), true)]), ["method", "only_in_words"]);
    let bench = "fn main() { only_in_words(); S.method(); }".to_owned();
    assert_eq!(uncalled(&[(source.to_owned(), true), (bench, false)]), Vec::<String>::new());
}
