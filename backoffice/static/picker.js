// Pickers: a combobox on <input data-picker="address of the options">.
