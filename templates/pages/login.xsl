<?xml version="1.0" encoding="UTF-8"?>
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
<xsl:import href="../layout.xsl"/>
<xsl:template match="page" mode="content">
<div class="narrow">
<h1>Sign in</h1>
<xsl:apply-templates select="login/error" mode="form"><xsl:with-param name="prefix">login</xsl:with-param><xsl:with-param name="heading">h2</xsl:with-param></xsl:apply-templates>
<xsl:apply-templates select="login/@retry-after"/>
<xsl:apply-templates select="login"/>
</div>
</xsl:template>

<xsl:template match="@retry-after"><p>You can try again in <strong id="login-retry-after"><xsl:value-of select="."/></strong> seconds.</p></xsl:template>

<xsl:template match="login">
<form id="login-form" class="panel" method="post" action="/login">
<input type="hidden" name="_csrf" value="{@csrf}"/>
<xsl:apply-templates select="@next"/>
<p class="field"><label for="login-email">E-mail address</label>
<input id="login-email" name="login[email]" type="email" value="{@email}" autocomplete="username" required="required"><xsl:apply-templates select="error" mode="invalid"/></input></p>
<p class="field"><label for="login-password">Password</label>
<input id="login-password" name="login[password]" type="password" autocomplete="current-password" required="required"><xsl:apply-templates select="error" mode="invalid"/></input></p>
<p><button type="submit">Sign in</button></p>
</form>
</xsl:template>

<xsl:template match="@next"><input type="hidden" name="next" value="{.}"/></xsl:template>

<xsl:template match="error" mode="invalid">
<xsl:attribute name="aria-invalid">true</xsl:attribute>
<xsl:attribute name="aria-describedby">login-error</xsl:attribute>
</xsl:template>
</xsl:stylesheet>
