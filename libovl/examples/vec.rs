//! temp
use ovl::*;
use std::collections::BTreeMap;
use std::process::Command;
fn dtc(src: &str) -> Vec<u8> {
    let o =
        Command::new("dtc").args(["-@", "-q", "-I", "dts", "-O", "dtb", "-o", "-", src]).output().unwrap();
    assert!(o.status.success(), "{}", String::from_utf8_lossy(&o.stderr));
    o.stdout
}
fn dump(n: &Node, out: &mut BTreeMap<String, BTreeMap<String, String>>) {
    let p = n.path();
    let p = if p == "/" { String::new() } else { p };
    let m = n
        .props()
        .iter()
        .filter(|p| p.name() != "name")
        .map(|p| (p.name().to_string(), p.data().iter().map(|b| format!("{b:02x}")).collect()))
        .collect();
    out.insert(p, m);
    for c in n.children() {
        dump(&c, out)
    }
}
fn main() {
    let mut bad = 0;
    let mut total = 0;
    let mut dirs: Vec<_> =
        std::fs::read_dir("/work/shared/vectors/linux-overlay").unwrap().map(|e| e.unwrap().path()).collect();
    dirs.sort();
    for d in dirs {
        let steps = std::fs::read_to_string(d.join("steps")).unwrap();
        let exp = std::fs::read_to_string(d.join("expected.txt")).unwrap();
        let mut blocks = vec![];
        for l in exp.lines() {
            let w: Vec<&str> = l.splitn(4, ' ').collect();
            match w[0] {
                "STEP" => blocks.push((
                    w[3].parse::<i32>().unwrap(),
                    BTreeMap::<String, BTreeMap<String, String>>::new(),
                )),
                "N" => {
                    blocks.last_mut().unwrap().1.insert(w.get(1).unwrap_or(&"").to_string(), BTreeMap::new());
                }
                "P" => {
                    if w[1] != "name" {
                        blocks.last_mut().unwrap().1.last_entry();
                    }
                }
                _ => panic!(),
            }
        }
        // second pass for props
        let mut bi = 0usize;
        let mut cur = String::new();
        for l in exp.lines() {
            let w: Vec<&str> = l.splitn(4, ' ').collect();
            match w[0] {
                "STEP" => bi += 1,
                "N" => cur = w.get(1).unwrap_or(&"").to_string(),
                _ => {
                    if w[1] != "name" {
                        blocks[bi - 1]
                            .1
                            .get_mut(&cur)
                            .unwrap()
                            .insert(w[1].into(), w.get(2).unwrap_or(&"").to_string());
                    }
                }
            }
        }
        std::fs::write("/tmp/base.dts", "/dts-v1/; / { compatible=\"oracle\"; __symbols__ {}; };").unwrap();
        let o = Command::new("dtc")
            .args(["-q", "-I", "dts", "-O", "dtb", "-o", "-", "/tmp/base.dts"])
            .output()
            .unwrap();
        let t = Tree::from_fdt(&o.stdout).unwrap();
        let mut ids = BTreeMap::new();
        for (i, s) in steps.lines().enumerate() {
            if i >= blocks.len() {
                break;
            }
            total += 1;
            let (a, n) = s.split_once(' ').unwrap();
            let (r, msg) = if a == "apply" {
                let b = dtc(d.join(format!("{n}.dts")).to_str().unwrap());
                match t.apply(&b, &ApplyOptions { mode: Mode::Linux, name: Some(n), base: None }) {
                    Ok(id) => {
                        ids.insert(n.to_string(), id);
                        (0, String::new())
                    }
                    Err(e) => (-e.errno(), e.to_string()),
                }
            } else {
                match t.remove(*ids.get(n).unwrap_or(&1000000), RemoveMode::Linux) {
                    Ok(()) => (0, String::new()),
                    Err(e) => (-e.errno(), e.to_string()),
                }
            };
            let mut got = BTreeMap::new();
            dump(&t.root().unwrap(), &mut got);
            let ok = r == blocks[i].0 && (r != 0 || got == blocks[i].1);
            if !ok {
                bad += 1;
                println!("{} step {i} {s}: got {r} {msg} expected {}", d.display(), blocks[i].0);
                for (k, v) in &blocks[i].1 {
                    if got.get(k) != Some(v) {
                        println!("  exp {k} {v:?}\n  got {:?}", got.get(k));
                        break;
                    }
                }
                for k in got.keys() {
                    if !blocks[i].1.contains_key(k) {
                        println!("  extra {k}");
                        break;
                    }
                }
                break;
            }
            if r != 0 && a == "apply" {
                println!("{msg}");
            }
        }
        let before = t.remove_all();
        let _ = before;
        assert_eq!(t.to_fdt().unwrap(), Tree::from_fdt(&o.stdout).unwrap().to_fdt().unwrap());
    }
    println!("{bad} bad of {total}");
}
