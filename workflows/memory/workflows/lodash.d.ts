/** The few functions of `lodash` that the workflows use; the package brings no types. */
declare module 'lodash' {
  const lodash: {
    startCase(text: string): string;
    kebabCase(text: string): string;
    range(count: number): number[];
  };
  export default lodash;
}
