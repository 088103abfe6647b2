//! The tree a document becomes: names, attributes, children and text. Its `Debug` shows names and sizes, never content.

use std::fmt;

/// One element. Two are equal when names, namespaces, attributes, children and text are, whatever the prefixes.
#[derive(Clone, Default)]
pub struct Element {
    /// Without its prefix.
    pub name: String,
    pub namespace: Option<String>,
    /// The prefix to write it with, where that matters to a reader that compares strings; it needs a namespace.
    pub prefix: Option<String>,
    pub attributes: Vec<Attribute>,
    pub children: Vec<Element>,
    /// The element's own text, its children's excluded. White space between children is dropped.
    pub text: String,
}

/// One attribute; declarations of namespaces are not among them.
#[derive(Clone, Default)]
pub struct Attribute {
    pub name: String,
    pub namespace: Option<String>,
    pub prefix: Option<String>,
    pub value: String,
}

impl Element {
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), ..Self::default() }
    }

    /// An element that holds a text.
    pub fn leaf(name: impl Into<String>, text: impl Into<String>) -> Self {
        Self { name: name.into(), text: text.into(), ..Self::default() }
    }

    #[must_use]
    pub fn in_namespace(mut self, namespace: impl Into<String>) -> Self {
        self.namespace = Some(namespace.into());
        self
    }

    /// In a namespace, written with a prefix.
    #[must_use]
    pub fn prefixed(mut self, prefix: impl Into<String>, namespace: impl Into<String>) -> Self {
        self.prefix = Some(prefix.into());
        self.in_namespace(namespace)
    }

    #[must_use]
    pub fn with_attribute(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.attributes.push(Attribute { name: name.into(), value: value.into(), ..Attribute::default() });
        self
    }

    /// An attribute in a namespace, written with a prefix.
    #[must_use]
    pub fn with_prefixed_attribute(
        mut self,
        prefix: impl Into<String>,
        namespace: impl Into<String>,
        name: impl Into<String>,
        value: impl Into<String>,
    ) -> Self {
        self.attributes.push(Attribute {
            name: name.into(),
            namespace: Some(namespace.into()),
            prefix: Some(prefix.into()),
            value: value.into(),
        });
        self
    }

    #[must_use]
    pub fn with_child(mut self, child: Self) -> Self {
        self.children.push(child);
        self
    }

    #[must_use]
    pub fn with_children(mut self, children: impl IntoIterator<Item = Self>) -> Self {
        self.children.extend(children);
        self
    }

    /// The first child of that local name, in whatever namespace.
    pub fn child(&self, name: &str) -> Option<&Self> {
        self.children.iter().find(|child| child.name == name)
    }

    pub fn children_named(&self, name: &str) -> impl Iterator<Item = &Self> {
        self.children.iter().filter(move |child| child.name == name)
    }

    /// The first element down a path of local names below this one.
    pub fn at(&self, path: &[&str]) -> Option<&Self> {
        path.iter().try_fold(self, |element, name| element.child(name))
    }

    /// The trimmed text of the first child of that name; `None` when there is no such child.
    pub fn child_text(&self, name: &str) -> Option<&str> {
        self.child(name).map(|child| child.text.trim())
    }

    pub fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|attribute| attribute.name == name).map(|attribute| attribute.value.as_str())
    }
}

impl PartialEq for Element {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
            && self.namespace == other.namespace
            && self.attributes == other.attributes
            && self.children == other.children
            && self.text == other.text
    }
}

impl Eq for Element {}

impl PartialEq for Attribute {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name && self.namespace == other.namespace && self.value == other.value
    }
}

impl Eq for Attribute {}

impl fmt::Debug for Element {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Element")
            .field("name", &self.name)
            .field("attributes", &self.attributes.len())
            .field("children", &self.children.iter().map(|child| child.name.as_str()).collect::<Vec<_>>())
            .field("text_bytes", &self.text.len())
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Attribute {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Attribute").field("name", &self.name).finish_non_exhaustive()
    }
}
