"""From Markdown nodes to sections."""
