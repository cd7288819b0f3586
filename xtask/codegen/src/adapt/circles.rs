//! Cycles of schema names, found in one walk (Tarjan's strongly connected components).

use std::collections::{BTreeMap, BTreeSet, HashMap};

use openapi::work::step;

/// Which component schemas a component schema is made of, or may be.
pub(super) type Edges<'a> = BTreeMap<&'a str, BTreeSet<String>>;

/// The circle of a name: all names of it lead to each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Circle {
    /// Which one.
    pub(super) number: usize,
    /// Whether a name of it leads back to itself; a circle of one name may be none.
    pub(super) returns: bool,
    /// Whether a name of it leads to one that leads back to itself.
    pub(super) leads: bool,
}

/// What is known of a name that has been entered.
#[derive(Clone, Copy)]
struct Entered {
    order: usize,
    low: usize,
    open: bool,
}

/// The circle of each name. No recursion: names refer to each other as deep as the document is long.
pub(super) fn circles<'a>(edges: &'a Edges<'_>) -> HashMap<&'a str, Circle> {
    let mut entered: HashMap<&str, Entered> = HashMap::new();
    let mut found: HashMap<&str, Circle> = HashMap::new();
    let mut open: Vec<&str> = Vec::new();
    let mut number = 0;
    for start in edges.keys() {
        if entered.contains_key(start) {
            continue;
        }
        let mut way = vec![enter(edges, start, &mut entered, &mut open)];
        while let Some((name, next)) = way.last_mut() {
            step(1);
            let name = *name;
            if let Some(next) = next.next() {
                match entered.get(next).copied() {
                    None => way.push(enter(edges, next, &mut entered, &mut open)),
                    Some(to) if to.open => lower(&mut entered, name, to.order),
                    Some(_) => {}
                }
                continue;
            }
            way.pop();
            let own = entered[name];
            if let Some((above, _)) = way.last() {
                lower(&mut entered, above, own.low);
            }
            if own.low == own.order {
                let at = open.iter().rposition(|other| *other == name).unwrap_or_default();
                let members = open.split_off(at);
                let itself = |name: &&str| edges.get(*name).is_some_and(|to| to.contains(*name));
                let returns = members.len() > 1 || members.iter().any(itself);
                let to = members.iter().filter_map(|member| edges.get(*member)).flatten();
                let leads = returns || to.filter_map(|to| found.get(to.as_str())).any(|circle| circle.leads);
                for member in members {
                    found.insert(member, Circle { number, returns, leads });
                    if let Some(entered) = entered.get_mut(member) {
                        entered.open = false;
                    }
                }
                number += 1;
            }
        }
    }
    found
}

type Way<'a> = (&'a str, Box<dyn Iterator<Item = &'a str> + 'a>);

fn enter<'a>(
    edges: &'a Edges<'_>,
    name: &'a str,
    entered: &mut HashMap<&'a str, Entered>,
    open: &mut Vec<&'a str>,
) -> Way<'a> {
    let order = entered.len();
    entered.insert(name, Entered { order, low: order, open: true });
    open.push(name);
    (name, Box::new(edges.get(name).into_iter().flatten().map(String::as_str)))
}

fn lower(entered: &mut HashMap<&str, Entered>, name: &str, order: usize) {
    if let Some(entered) = entered.get_mut(name) {
        entered.low = entered.low.min(order);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_lead_back_to_themselves_are_in_one_circle() {
        let list = [("a", "b"), ("b", "c d"), ("c", "a"), ("d", "e"), ("e", ""), ("f", "f"), ("g", "f e")];
        let edges = list.map(|(name, to)| (name, to.split_whitespace().map(str::to_owned).collect()));
        let edges = Edges::from(edges);
        let found = circles(&edges);
        let said = |name: &str| found.get(name).map(|circle| (circle.returns, circle.leads));
        for name in ["a", "b", "c"] {
            assert_eq!((found[name].number, said(name)), (found["a"].number, Some((true, true))), "{name}");
        }
        assert_eq!(said("d"), Some((false, false)));
        assert_eq!(said("e"), Some((false, false)));
        assert_eq!(said("f"), Some((true, true)));
        assert_eq!(said("g"), Some((false, true)));
        assert_ne!(found["d"].number, found["e"].number);
    }

    #[test]
    fn a_circle_of_a_hundred_thousand_names_is_found_without_recursion() {
        let names = (0..100_000).map(|number| number.to_string()).collect::<Vec<_>>();
        let next = |at: usize| BTreeSet::from([names[(at + 1) % names.len()].clone()]);
        let edges = names.iter().enumerate().map(|(at, name)| (name.as_str(), next(at))).collect::<Edges<'_>>();
        assert!(circles(&edges).values().all(|circle| circle.returns && circle.number == 0));
    }
}
