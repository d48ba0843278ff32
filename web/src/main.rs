//! Starts the page.

fn main() {
    petset_web::start();
}
