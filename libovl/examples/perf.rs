//! temp
use ovl::*;
use std::time::Instant;
fn best(n: usize, mut f: impl FnMut()) -> f64 {
    let mut b = f64::MAX;
    for _ in 0..n {
        let t = Instant::now();
        f();
        b = b.min(t.elapsed().as_secs_f64() * 1e6);
    }
    b
}
fn gen(n: usize) -> Vec<u8> {
    let mut w = fdt::Writer::new();
    w.begin("");
    w.prop("compatible", b"acme,board\0");
    let per = 50;
    let mut k = 0u32;
    for i in 0..n / per {
        w.begin(&format!("bus@{i:x}"));
        w.prop("#address-cells", &[0, 0, 0, 1]);
        for j in 1..per {
            k += 1;
            w.begin(&format!("device@{j:x}000"));
            w.prop("compatible", b"acme,device-v2\0acme,device\0");
            w.prop("reg", &[0; 8]);
            w.prop("interrupts", &[0; 12]);
            w.prop("clocks", &[0; 16]);
            w.prop("clock-names", b"core\0bus\0");
            w.prop("status", b"disabled\0");
            w.prop("phandle", &k.to_be_bytes());
            w.end();
        }
        w.end();
    }
    w.end();
    w.finish(&[], 0)
}
fn main() {
    for f in std::env::args().skip(1) {
        let b = if let Ok(n) = f.parse::<usize>() {
            let g = gen(n);
            std::fs::write(format!("/tmp/q/g{n}.dtb"), &g).unwrap();
            g
        } else {
            std::fs::read(&f).unwrap()
        };
        let k = if b.len() > 2_000_000 { 20 } else { 300 };
        let c = best(k, || fdt::check(&b).unwrap());
        let u = best(k, || std::mem::forget(Tree::from_fdt(&b).unwrap()));
        let mut keep = vec![];
        let mut freeb = f64::MAX;
        for _ in 0..k {
            let t = Tree::from_fdt(&b).unwrap();
            let s = Instant::now();
            drop(t);
            freeb = freeb.min(s.elapsed().as_secs_f64() * 1e6);
        }
        let u2 = best(k, || {
            keep.push(Tree::from_fdt(&b).unwrap());
            keep.clear();
        });
        let t = Tree::from_fdt(&b).unwrap();
        let fl = best(k, || {
            std::hint::black_box(t.to_fdt().unwrap());
        });
        println!("{f}: {} bytes check {c:.1} unflatten(leak) {u:.1} unflatten+free {u2:.1} free {freeb:.1} flatten {fl:.1}",b.len());
    }
}
