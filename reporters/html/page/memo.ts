import { Component, type ComponentType, createElement } from 'preact';

/** A component that renders again only if a property changed. */
export function memo<Properties extends object>(inner: ComponentType<Properties>): ComponentType<Properties> {
  return class extends Component<Properties> {
    override shouldComponentUpdate(next: Readonly<Properties>): boolean {
      const before = this.props as Record<string, unknown>;
      return Object.entries(next).some(([name, value]) => before[name] !== value);
    }
    override render() {
      return createElement(inner, this.props as Properties);
    }
  };
}
